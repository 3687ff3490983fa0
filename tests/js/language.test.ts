// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { seemsForeign } from '../../js/api/language.js';

test.each([
  'schalte das Licht in der Küche ein', 'mach das Licht aus bitte', 'stelle einen Timer auf 10 Minuten', 'allume la lumière dans la cuisine',
  'enciende la luz de la cocina por favor', 'pon una alarma para mañana a las 7', 'accendi la luce della cucina', 'ligue a luz da cozinha por favor',
  'zet het licht in de keuken aan', 'включи свет на кухне', 'キッチンの電気をつけて', 'أطفئ ضوء المطبخ',
])('not English: %s', (text) => expect(seemsForeign(text)).toBe(true));

test.each([
  'play La Vida Es Una fiesta', 'El Camino Real restaurant', 'navigate to Los Angeles via San Jose', 'order der die das book', 'dim kitchen 30', '', '30%', 'ok',
  'directions to Rue de la Paix', 'translate "wo ist der Bahnhof" to English', 'add 東京 to my trip', 'message Jürgen über alles later',
])('English, or not surely anything else: %s', (text) => expect(seemsForeign(text)).toBe(false));
