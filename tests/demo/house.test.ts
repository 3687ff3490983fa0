// SPDX-License-Identifier: Apache-2.0
// What calls do in the demo's house, without a page.
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../demo/stage/duration.js';
import { applyCall, newHouse, roomNames, type House } from '../../demo/stage/house-state.js';

const colours = new Set(['#4a7bff', 'lightblue', '#ffce85']);
const act = (name: string, values: Record<string, unknown> = {}, house: House = newHouse()) =>
  applyCall(house, { name, arguments: values }, { now: 1000, isColour: (css) => colours.has(css) });

describe('a call in the house', () => {
  test('dims the named room and leaves the others', () => {
    const { house, said, isDone } = act('set_light_brightness', { room: 'the kitchen', brightness: 30 });
    expect(isDone).toBe(true);
    expect(said).toBe('30% light in the kitchen.');
    expect(house.rooms.kitchen.level).toBeCloseTo(0.3);
    expect(house.rooms['living room']).toEqual(newHouse().rooms['living room']);
  });

  test('means every room when it names none, or all', () => {
    for (const room of [undefined, 'all', 'the house', 'everywhere', 'all rooms']) {
      const { house } = act('turn_off_lights', room === undefined ? {} : { room });
      expect(roomNames.map((name) => house.rooms[name].level)).toEqual([0, 0, 0, 0]);
    }
  });

  test('does nothing for a room that is not there, and says so', () => {
    const before = newHouse();
    expect(act('turn_on_lights', { room: 'garage' }, before)).toEqual({ house: before, said: 'The house cannot: there is no garage in this house.', isDone: false });
  });

  test('knows colours as CSS does, and a dark room lights up in them', () => {
    const { house } = act('set_light_color', { room: 'office', color: 'Light Blue' });
    expect(house.rooms.office).toMatchObject({ colour: 'lightblue', level: 0.9 });
    expect(act('set_light_color', { color: 'blue' }).house.rooms.kitchen.colour).toBe('#4a7bff');
    expect(act('set_light_color', { room: 'office', color: 'loud' }).isDone).toBe(false);
  });

  test('moves blinds, sets temperatures, plays and stops music', () => {
    expect(act('close_blinds', { room: 'bedroom' }).house.rooms.bedroom.blindsClosed).toBe(true);
    expect(act('set_thermostat', { temperature: 23 }).house.rooms.kitchen.targetTemperature).toBe(23);
    const { house } = act('play_music', { query: 'jazz' });
    expect(house.music).toMatchObject({ title: 'jazz', isPlaying: true });
    expect(act('stop_music', {}, house).house.music.isPlaying).toBe(false);
    expect(act('set_volume', { level: 250 }, house).house.music.volume).toBe(1);
  });

  test('starts timers that end when they say', () => {
    const { house } = act('set_timer', { duration: '10 minutes', label: 'tea' });
    expect(house.timers).toEqual([{ id: 1, label: 'tea', durationMs: 600_000, endsAt: 601_000 }]);
    expect(act('set_timer', { duration: '5 min' }, house).house.timers.map(({ id }) => id)).toEqual([1, 2]);
    expect(act('set_timer', { duration: 'soon' }).isDone).toBe(false);
  });

  test('leaves the house as it was given: the old state is the caller’s', () => {
    const before = newHouse();
    act('turn_off_lights', {}, before);
    expect(before).toEqual(newHouse());
  });

  test('of a tool that the house lacks, or that is called like a method of objects, changes nothing', () => {
    for (const name of ['book_flight', 'toString', 'constructor']) expect(act(name).isDone).toBe(false);
  });
});

test.each([
  ['10 minutes', 600], ['5 minute', 300], ['30 seconds', 30], ['an hour and a half', 5400], ['half an hour', 1800], ['1 h 20', 4800], ['1h20m', 4800],
  ['PT10M', 600], ['PT1H30M', 5400], ['two hours', 7200], ['forty-five minutes', 2700], ['1.5 hours', 5400], ['25-minute', 1500], ['a minute', 60],
  ['10 minutes and 30 seconds', 630], ['twenty five minutes', 1500],
])('%s is %d seconds', (text, seconds) => expect(parseDuration(text)).toBe(seconds * 1000));

test.each(['90', 'soon', '', 'ten', '5 months', 'half a second'])('%j is no length of time', (text) => expect(parseDuration(text)).toBeUndefined());
