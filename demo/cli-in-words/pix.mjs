#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// A program with commander that takes its arguments in words, too. The two lines at the end are all that it takes:
//   node pix.mjs resize photo.png --width 800 --format webp
//   node pix.mjs "resize photo.png to 800 wide as webp"
// It stands in for a tool that works on images, and prints what it was told to do.
import { Command, Option } from 'commander';
import { fromCommander, takeWords } from 'needle-router/cli';

const print = (work) => console.log(JSON.stringify(work));

const program = new Command('pix').description('Change images');
program.command('resize').description('Resize an image')
  .argument('<file>', 'The image')
  .requiredOption('-w, --width <pixels>', 'Width in pixels', parseFloat)
  .addOption(new Option('-f, --format <format>', 'Format to write').choices(['png', 'jpeg', 'webp']))
  .option('--overwrite', 'Replace files that are there')
  .action((file, options) => print({ resize: file, ...options }));
program.command('rotate').description('Rotate an image')
  .argument('<file>', 'The image')
  .addOption(new Option('-d, --degrees <degrees>', 'How far, clockwise').choices(['90', '180', '270']).makeOptionMandatory())
  .action((file, options) => print({ rotate: file, ...options }));
program.command('info').description('Show size and format of images')
  .argument('<files...>', 'The images')
  .action((files) => print({ info: files }));

const argv = await takeWords(process.argv.slice(2), fromCommander(program, { schemas: { width: { type: 'integer', minimum: 1, maximum: 20_000 } } }));
if (argv) await program.parseAsync(argv, { from: 'user' });
