// SPDX-License-Identifier: Apache-2.0
// Dictation, where the browser has it. Browsers may send the sound to a server of their maker; the page says so before
// the first word, unless the browser answers that it recognises speech on the device.
import { byId } from './dom.js';

interface Recognition extends EventTarget {
  lang: string;
  interimResults: boolean;
  processLocally?: boolean;
  start(): void;
  stop(): void;
  onresult: ((event: { results: ArrayLike<ArrayLike<{ transcript: string }> & { isFinal: boolean }> }) => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onend: (() => void) | null;
}
interface RecognitionClass {
  new (): Recognition;
  available?(options: { langs: string[]; processLocally: boolean }): Promise<string>;
}

const notes = {
  remote: 'Your browser may send the sound to its maker to turn it into text. The text stays here.',
  local: 'Speech is recognised on this device.',
};

const problems: Record<string, string> = {
  'not-allowed': 'The microphone is not allowed on this page.',
  'no-speech': 'Nothing was heard.',
  network: 'The browser’s speech service could not be reached.',
  'audio-capture': 'There is no microphone.',
};

interface VoiceEvents {
  onText(text: string): void;
  onDone(): void;
}

export function startVoice({ onText, onDone }: VoiceEvents): void {
  const scope = globalThis as unknown as { SpeechRecognition?: RecognitionClass; webkitSpeechRecognition?: RecognitionClass };
  const Recogniser = scope.SpeechRecognition ?? scope.webkitSpeechRecognition;
  if (!Recogniser) return;
  const button = byId<HTMLButtonElement>('voice');
  const note = byId('voice-note');
  let running: Recognition | undefined;
  let isLocal = false;
  button.hidden = false;
  note.textContent = notes.remote;
  void Recogniser.available?.({ langs: ['en-US'], processLocally: true }).then((answer) => {
    isLocal = answer === 'available';
    note.textContent = isLocal ? notes.local : notes.remote;
  }, () => {});

  button.addEventListener('click', () => {
    if (running) return running.stop();
    // The first press only tells where the sound goes; the second starts.
    if (note.hidden) {
      note.hidden = false;
      if (!isLocal) {
        button.setAttribute('aria-label', 'Start listening');
        return;
      }
    }
    const recognition = (running = new Recogniser());
    recognition.lang = 'en-US';
    recognition.interimResults = true;
    if (isLocal) recognition.processLocally = true;
    let hasText = false;
    recognition.onresult = ({ results }) => {
      hasText = true;
      onText(Array.from(results, (result) => result[0]!.transcript).join(' ').trim());
    };
    recognition.onerror = ({ error }) => (note.textContent = problems[error] ?? `Speech recognition ended: ${error}.`);
    recognition.onend = () => {
      running = undefined;
      button.setAttribute('aria-pressed', 'false');
      if (hasText) onDone();
    };
    button.setAttribute('aria-pressed', 'true');
    button.setAttribute('aria-label', 'Speak the request');
    recognition.start();
  });
}
