// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// `needle-router/cli`: a program takes its arguments in words.
export { toArgv, toTools, quoteArgv, type Command, type CommandLine, type Parameter, type ReadOptions, type Spelling } from './command-line.js';
export { fromCommander, type CommanderProgram } from './from-commander.js';
export { fromHelp } from './from-help.js';
export { fromParseArgs, type ParseArgsOperand, type ParseArgsOption, type ParseArgsProgram } from './from-parse-args.js';
export { fromYargs, type YargsProgram } from './from-yargs.js';
export { complete, interpret, readAnswer, type InterpretOptions, type Interpretation, type Router, type Understood } from './interpret.js';
export { takeWords, type TakeWordsOptions } from './take-words.js';
