// SPDX-License-Identifier: Apache-2.0
// Runs in: node, browser, workerd
// What is asked in every measurement that says "a route": eight tools of a home, a request of twelve tokens, one call
// with two arguments.

const string = (description) => ({ type: 'string', description });
const tool = (name, description, properties, required) => ({ name, description, parameters: { type: 'object', properties, required } });

export const tools = [
  tool('set_light_brightness', 'Dim or brighten the lights of a room, or of the whole house if no room is named.', {
    room: string('Name of the room'), brightness: { type: 'integer', minimum: 0, maximum: 100, description: 'Brightness in percent' },
  }, ['room', 'brightness']),
  tool('turn_off_lights', 'Turn the lights of a room off and leave those of the other rooms as they are.', { room: string('Name of the room') }, ['room']),
  tool('set_thermostat', 'Set the target temperature of the heating or of the air conditioning, in one room or everywhere.', {
    temperature: { type: 'number', minimum: 5, maximum: 35, description: 'Target temperature in degrees' }, room: string('The room to heat or cool'),
  }, ['temperature']),
  tool('set_alarm', 'Set an alarm clock to wake the user up at a time, today or on another day.', {
    time: string('Time of the alarm'), label: string('Name of the alarm'),
  }, ['time']),
  tool('set_timer', 'Start a countdown timer that rings when its time is over.', {
    minutes: { type: 'integer', minimum: 1, maximum: 600, description: 'Length of the timer in minutes' }, label: string('What the timer is for'),
  }, ['minutes']),
  tool('play_music', 'Play a song, an album, an artist or a kind of music on the speakers of a room.', {
    query: string('The song, album, artist or genre'), room: string('The room whose speakers play'), shuffle: { type: 'boolean', description: 'Play in random order' },
  }, ['query']),
  tool('get_weather', 'Get the weather forecast of a place for one of the next ten days.', {
    city: string('Name of the city'), day: string('The day asked for'),
    units: { type: 'string', enum: ['celsius', 'fahrenheit'], description: 'Unit of the temperature' },
  }, ['city']),
  tool('send_message', 'Send a text message to one of the contacts in the address book.', {
    contact: string('Name of the contact'), text: string('What the message says'),
    app: { type: 'string', enum: ['sms', 'whatsapp', 'signal'], description: 'The app that sends it' },
  }, ['contact', 'text']),
];

export const request = 'play some quiet piano music in the living room';

/** The same tools as far as time goes, and new to the cache of encodings: a number stands behind each description. */
export const freshTools = (n) => tools.map((tool) => ({ ...tool, description: `${tool.description} ${10 + (n % 90)}` }));
