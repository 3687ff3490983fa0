// SPDX-License-Identifier: Apache-2.0
// The presets: tools, requests to try, and the stage where their calls are carried out. The requests are only asked,
// never answered here: what comes back is the model's.
import type { Tool } from 'needle-router';
import { catalogue } from './catalogue.js';
import calendar from './calendar.json';
import form from './form.json';
import home from './home.json';
import maps from './maps.json';
import media from './media.json';
import shop from './shop.json';

export interface Preset {
  id: string;
  title: string;
  icon: string;
  stage: 'house' | 'receipt' | 'form';
  /** Heads the till roll, where that is the stage. */
  stageTitle?: string;
  tools: Tool[];
  examples: string[];
}

const catalogueExamples = [
  'text Anna that I am late', 'what is the stock price of Apple?', 'convert 50 dollars to euros', 'is flight LH400 on time?', 'find a recipe for lasagna',
  'translate good morning into French', 'will it rain in London on Saturday?', 'freeze my credit card', 'dim the kitchen to 30%', 'tell me a joke',
];

export const presets: readonly Preset[] = [
  { id: 'home', title: 'Smart home', icon: 'home', stage: 'house', ...home },
  { id: 'media', title: 'Media', icon: 'note', stage: 'house', ...media },
  { id: 'calendar', title: 'Calendar', icon: 'calendar', stage: 'receipt', stageTitle: 'Planner', ...calendar },
  { id: 'maps', title: 'Maps', icon: 'map', stage: 'receipt', stageTitle: 'Navigator', ...maps },
  { id: 'shop', title: 'Shop assistant', icon: 'cart', stage: 'receipt', stageTitle: 'Service desk', ...shop },
  { id: 'catalogue', title: '100 tools', icon: 'grid', stage: 'receipt', stageTitle: 'Switchboard', tools: catalogue, examples: catalogueExamples },
  { id: 'form', title: 'Form filler', icon: 'form', stage: 'form', ...form },
];
