// SPDX-License-Identifier: Apache-2.0
// The house as data, and what a call changes in it. Pure: no elements, no clock of its own, so that it can be tested
// without a page. A call that means nothing here (another tool, a room that the house lacks) says so.
import { plainValue, words } from '../format.js';
import { parseDuration } from './duration.js';

export const roomNames = ['bedroom', 'office', 'living room', 'kitchen'] as const;
export type RoomName = (typeof roomNames)[number];

export interface Room {
  /** 0 off, 1 full. */
  level: number;
  /** A CSS colour. */
  colour: string;
  blindsClosed: boolean;
  targetTemperature: number;
}

export interface Timer {
  id: number;
  label: string;
  durationMs: number;
  endsAt: number;
}

export interface House {
  rooms: Record<RoomName, Room>;
  music: { title: string; isPlaying: boolean; volume: number };
  timers: Timer[];
}

export interface Effect {
  house: House;
  /** What happened, as a sentence. */
  said: string;
  /** False: the house could not do it, and `said` says why. */
  isDone: boolean;
}

export interface Call {
  name: string;
  arguments: Record<string, unknown>;
}

const warm = '#ffce85';

export function newHouse(): House {
  const room = (level: number): Room => ({ level, colour: warm, blindsClosed: false, targetTemperature: 20 });
  return {
    rooms: { bedroom: room(0), office: room(0), 'living room': room(0.7), kitchen: room(0) },
    music: { title: '', isPlaying: false, volume: 0.6 },
    timers: [],
  };
}

const everywhere = /^(all|every|everywhere|each|the )?\s*(of )?(the )?\s*(house|home|rooms?|everywhere|lights|whole house|all)?$/;
const otherNames: Record<string, RoomName> = {
  lounge: 'living room', 'sitting room': 'living room', 'family room': 'living room', downstairs: 'living room', study: 'office', 'work room': 'office', 'home office': 'office', 'bed room': 'bedroom', 'master bedroom': 'bedroom', 'dining room': 'kitchen',
};

/** The rooms that a phrase means; all of them when it names none. */
function roomsOf(phrase: unknown): RoomName[] | undefined {
  if (phrase === undefined) return [...roomNames];
  const text = String(phrase).toLowerCase().replace(/^(in |the |my |our )+/, '').replace(/ (lights?|lamps?|blinds?|window)$/, '').trim();
  const named = roomNames.filter((name) => text.includes(name));
  if (named.length > 0) return named;
  const other = Object.entries(otherNames).find(([name]) => text.includes(name));
  if (other) return [other[1]];
  return everywhere.test(text) ? [...roomNames] : undefined;
}

// Lamps have softer colours than CSS; names that are not here are CSS's.
const mixed: Record<string, string> = { red: '#ff4b3a', orange: '#ff9a3c', yellow: '#ffd94a', green: '#37c46a', blue: '#4a7bff', purple: '#a45bff', pink: '#ff7ac0', white: '#fff4e2', 'warm white': warm, warm, 'cool white': '#dfe9ff', cool: '#dfe9ff', 'cold white': '#dfe9ff', daylight: '#eef2ff', rose: '#ff7a9c', amber: '#ffb000', mint: '#8ff0c4', lilac: '#c8a2ff', 'blood red': '#b00020' };

/** A colour's name as CSS knows it: "light blue" is lightblue. */
function colourOf(name: string, isColour: (css: string) => boolean): string | undefined {
  const text = name.toLowerCase().replace(/ (colou?r|light)$/, '').trim();
  const css = mixed[text] ?? text.replace(/\s+/g, '');
  return isColour(css) ? css : undefined;
}

interface Tools {
  now: number;
  isColour(css: string): boolean;
}

type Act = (house: House, values: Record<string, unknown>, tools: Tools) => string | { no: string };

const list = (rooms: readonly string[]) => (rooms.length === roomNames.length ? 'the whole house' : `the ${rooms.join(' and the ')}`);

function inRooms(change: (room: Room, values: Record<string, unknown>) => void, say: (where: string, values: Record<string, unknown>) => string): Act {
  return (house, values) => {
    const rooms = roomsOf(values['room'] ?? values['location'] ?? values['area']);
    if (!rooms) return { no: `there is no ${plainValue(values['room'])} in this house` };
    for (const name of rooms) change(house.rooms[name], values);
    return say(list(rooms), values);
  };
}

const share = (value: unknown) => Math.min(1, Math.max(0, Number(value) / 100));
const onAtLeast = (room: Room, level: number) => (room.level = room.level > 0 ? room.level : level);

const acts: Record<string, Act> = {
  turn_on_lights: inRooms((room) => onAtLeast(room, 0.9), (where) => `Lights on in ${where}.`),
  turn_off_lights: inRooms((room) => (room.level = 0), (where) => `Lights off in ${where}.`),
  set_light_brightness: inRooms((room, { brightness }) => (room.level = share(brightness)), (where, { brightness }) => `${plainValue(brightness)}% light in ${where}.`),
  set_light_color: (house, values, { isColour }) => {
    const colour = colourOf(plainValue(values['color']), isColour);
    if (!colour) return { no: `“${plainValue(values['color'])}” is no colour that lamps have` };
    return inRooms((room) => {
      room.colour = colour;
      onAtLeast(room, 0.9);
    }, (where) => `Light in ${where} is ${plainValue(values['color'])}.`)(house, values, { now: 0, isColour });
  },
  open_blinds: inRooms((room) => (room.blindsClosed = false), (where) => `Blinds up in ${where}.`),
  close_blinds: inRooms((room) => (room.blindsClosed = true), (where) => `Blinds down in ${where}.`),
  set_thermostat: inRooms((room, { temperature }) => (room.targetTemperature = Number(temperature)), (where, { temperature }) => `${plainValue(temperature)}° wanted in ${where}.`),
  play_music: ({ music }, { query }) => playing(music, query),
  play_podcast: ({ music }, { podcast }) => playing(music, podcast),
  play_radio: ({ music }, { station }) => playing(music, station),
  stop_music: ({ music }) => {
    music.isPlaying = false;
    return 'The music stopped.';
  },
  next_track: ({ music }) => playing(music, 'the next song'),
  previous_track: ({ music }) => playing(music, 'the song before'),
  set_volume: ({ music }, { level }) => {
    music.volume = share(level);
    return `Volume at ${plainValue(level)}%.`;
  },
  set_timer: (house, { duration, label }, { now }) => {
    const durationMs = parseDuration(plainValue(duration ?? ''));
    if (durationMs === undefined) return { no: `“${plainValue(duration)}” is no length of time` };
    const id = 1 + Math.max(0, ...house.timers.map((timer) => timer.id));
    house.timers.push({ id, label: plainValue(label ?? plainValue(duration)), durationMs, endsAt: now + durationMs });
    return `Timer for ${plainValue(duration)} runs.`;
  },
};

function playing(music: House['music'], title: unknown): string {
  Object.assign(music, { title: plainValue(title), isPlaying: true });
  return `Playing ${music.title}.`;
}

/** Whether the house has anything that the tool could change. */
export const canAct = (name: string): boolean => Object.hasOwn(acts, name);

export function applyCall(before: House, { name, arguments: values }: Call, tools: Tools): Effect {
  const house = structuredClone(before);
  if (!canAct(name)) return { house: before, said: `The house has nothing for ${words(name)}.`, isDone: false };
  const said = acts[name]!(house, values, tools);
  return typeof said === 'string' ? { house, said, isDone: true } : { house: before, said: `The house cannot: ${said.no}.`, isDone: false };
}
