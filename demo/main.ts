// SPDX-License-Identifier: Apache-2.0
// The page: puts the parts together. What is typed is routed at once; Enter carries the calls out on the stage.
import type { RouteResult, Tool } from 'needle-router';
import { byId } from './dom.js';
import { Engine, explain } from './engine.js';
import { bytes } from './format.js';
import { Offline } from './offline/offline.js';
import { presets, type Preset } from './presets/presets.js';
import { makeLink, readLink } from './share.js';
import { FormStage } from './stage/form.js';
import { HouseStage } from './stage/house.js';
import { ReceiptStage } from './stage/receipt.js';
import type { Stage } from './stage/stage.js';
import { Answer } from './view/answer.js';
import { Composer } from './view/composer.js';
import { Compare } from './view/compare.js';
import { Loading } from './view/loading.js';
import { PresetBar } from './view/preset-bar.js';
import { showResult } from './view/result-json.js';
import { startTheme } from './view/theme.js';
import { Threads } from './view/threads.js';
import { Timings } from './view/timings.js';
import { ToolEditor } from './view/tool-editor.js';
import { startVoice } from './voice.js';

// A partial answer is shown only when the whole one takes long: at twenty milliseconds it would merely flicker.
const partialAfterMs = 150;

class Page {
  readonly #engine = new Engine();
  readonly #loading = new Loading();
  readonly #offline = new Offline();
  readonly #timings = new Timings();
  readonly #composer = new Composer({ onInput: () => void this.#route(), onAct: () => this.#actSoon() });
  readonly #threads = new Threads(this.#composer);
  readonly #answer = new Answer({
    onHover: (id) => {
      this.#composer.emphasise(id);
      this.#threads.emphasise(id);
    },
    onAskBack: () => this.#composer.focusAtEnd(),
  });
  readonly #editor = new ToolEditor((tools) => void this.#compile(tools));
  readonly #presets = new PresetBar(presets, (preset) => this.#open(preset, preset.examples[0] ?? ''));
  readonly #compare = new Compare(() => (this.#composer.text.trim() === '' ? undefined : { query: this.#composer.text, tools: this.#tools }));
  #preset: Preset = presets[0]!;
  #tools: unknown = [];
  #numTools = 0;
  #stage: Stage | undefined;
  #result: { query: string; result: RouteResult } | undefined;
  #wantsAct = false;

  async start(): Promise<void> {
    startTheme();
    startVoice({ onText: (text) => this.#composer.setText(text), onDone: () => this.#actSoon() });
    byId('share').addEventListener('click', () => void this.#share());
    addEventListener('hashchange', () => void this.#openLink());
    const opened = this.#openFirst();
    await this.#load(opened); // the engine starts while the page is drawn
  }

  async #openFirst(): Promise<void> {
    if (!(await this.#openLink())) this.#open(this.#preset, this.#preset.examples[0] ?? '');
  }

  async #load(opened: Promise<void>): Promise<void> {
    try {
      const times = await this.#engine.load((progress) => this.#loading.progress(progress));
      const { model, variant } = this.#engine.router!;
      this.#loading.done(`${variant} · ready`);
      this.#timings.loaded(times, model, variant);
      void this.#compare.setCurrent(variant);
    } catch (error) {
      this.#loading.failed(explain(error), () => void this.#load(opened));
      return;
    }
    await opened;
    await this.#compile(this.#tools);
    void this.#offline.start();
    this.#offline.weightsKept(!(await Engine.status()).willDownload);
  }

  #open(preset: Preset, query: string): void {
    this.#preset = preset;
    this.#presets.select(preset.id);
    this.#composer.setExamples(preset.examples);
    this.#setStage(preset);
    this.#editor.setTools(preset.tools);
    this.#composer.setText(query);
  }

  /** Opens what the link says; false when it says nothing. */
  async #openLink(): Promise<boolean> {
    const shared = await readLink(location.hash);
    if (!shared) return false;
    this.#open(presets.find(({ id }) => id === shared.preset) ?? this.#preset, shared.query);
    if (shared.tools !== undefined) this.#editor.setText(shared.tools);
    return true;
  }

  async #compile(tools: unknown): Promise<void> {
    this.#tools = tools;
    if (!this.#engine.router) return;
    try {
      const compiled = await this.#engine.compile(tools);
      if (!compiled) return;
      this.#editor.clearFault();
      this.#numTools = compiled.value.names.length;
      byId('tools-count').textContent = String(this.#numTools);
      this.#timings.compiled(compiled.wallMs, this.#numTools);
      this.#stage?.setTools?.(plainTools(tools));
      await this.#route();
    } catch (error) {
      this.#editor.markFault(explain(error));
    }
  }

  async #route(): Promise<void> {
    const query = this.#composer.text;
    this.#result = undefined;
    if (query.trim() === '') {
      this.#engine.cancel();
      this.#wantsAct = false;
      this.#threads.tie([], '');
      this.#answer.clear('Type a request, or take one of the examples.');
      return;
    }
    if (!this.#engine.isReady) return;
    const begin = performance.now();
    try {
      const routed = await this.#engine.route(query, (partial) => {
        if (performance.now() - begin > partialAfterMs) this.#answer.showPartial(partial);
      });
      if (!routed) return;
      this.#show(query, routed.value);
      this.#timings.routed(routed);
      this.#timings.memory(bytes(await this.#engine.router!.memoryBytes()));
    } catch (error) {
      const fault = explain(error);
      this.#threads.tie([], '');
      this.#answer.showError(fault);
      showResult({ error: fault }, query);
    }
  }

  #show(query: string, result: RouteResult): void {
    this.#result = { query, result };
    const { spans, ties } = this.#answer.show(result, query, this.#numTools);
    this.#composer.setSpans(spans);
    this.#threads.tie(ties, JSON.stringify(result.calls));
    showResult(result, query);
    this.#stage?.preview?.(result);
    if (this.#wantsAct) this.#act(result);
  }

  /** Carries the calls out now, or as soon as they are known. */
  #actSoon(): void {
    if (this.#composer.text.trim() === '') return;
    this.#wantsAct = true;
    if (this.#result && this.#result.query === this.#composer.text) this.#act(this.#result.result);
  }

  #act(result: RouteResult): void {
    this.#wantsAct = false;
    if (!this.#stage) return;
    this.#announce(this.#stage.act(result));
  }

  #announce(text: string): void {
    byId('stage-announcer').textContent = text;
  }

  #setStage(preset: Preset): void {
    this.#stage?.close?.();
    this.#stage = preset.stage === 'house' ? new HouseStage((text) => this.#announce(text)) : preset.stage === 'form' ? new FormStage() : new ReceiptStage(preset.stageTitle ?? preset.title);
    this.#stage.setTools?.(preset.tools);
    byId('stage').replaceChildren(this.#stage.element);
  }

  async #share(): Promise<void> {
    const tools = this.#editor.isOriginal ? undefined : this.#editor.text;
    const link = await makeLink({ query: this.#composer.text, preset: this.#preset.id, tools }, location.href);
    history.replaceState(null, '', link);
    const label = byId('share').querySelector('span')!;
    try {
      await navigator.clipboard.writeText(link);
      label.textContent = 'Link copied';
    } catch {
      label.textContent = 'Link is above'; // in the address bar: the clipboard is not ours to write
    }
    setTimeout(() => (label.textContent = 'Share'), 2500);
  }
}

/** The tools as the form stage draws them: of foreign forms it knows only what looks plain. */
function plainTools(tools: unknown): Tool[] {
  return Array.isArray(tools) ? tools.filter((tool: Tool) => typeof tool?.name === 'string') : [];
}

void new Page().start();
