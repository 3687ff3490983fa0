// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Whether a request is in another language than the model reads. Careful by intent: only what is surely not English
// counts, because names, songs and places of all languages stand in English requests.

/** Words of the grammar, and what requests begin with; none of them is common in the languages below. */
const english = new Set(
  `an the to of for on at my is are was what what's how how's when where who which please and with turn set play find show
  add book call send text make get give remind wake open close start stop cancel tell check search look order buy need want can
  could would will it this that from by there any some next tomorrow today tonight be does your you up off out all new not let
  put go take change create delete remove list start call it's i'm i'd`.split(/\s+/),
);

/** Words of the grammar that English does not have, of the languages that requests are most often in. */
const foreign = new Set(
  `der das und ist nicht ein eine einen einem ich mir mich bitte auf für mit vom zum zur im wie wird wann wo schalte mach stelle
  le les une pour dans avec sur mes s'il vous plaît allume éteins quel quelle quelles et du au aux je moi ton
  los las una para por el que del enciende apaga pon cuál cómo qué mañana mi en los unos
  il lo gli uno di per che nel nella della accendi spegni metti quale domani sono
  os um uma para com por meu minha não da das dos ligue desligue qual como amanhã
  het een voor niet mijn zet naar wat hoe morgen ik je`.split(/\s+/),
);

/** Only for requests of three words and more; shorter ones say too little. */
export function seemsForeign(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  if (letters >= 4 && latin * 2 < letters) return true;
  const words = text.toLowerCase().match(/[\p{L}'’]+/gu)?.map((word) => word.replace('’', "'")) ?? [];
  if (words.length < 3 || words.some((word) => english.has(word))) return false;
  return words.filter((word) => foreign.has(word)).length >= 2;
}
