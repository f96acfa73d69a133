// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The engine as a node of the Web Audio API. percepnet.d.ts is the manual.
import { SAMPLE_RATE, liveControl, load, number } from "./percepnet.js";

export class PercepnetNode extends AudioWorkletNode {
  #recordings = []; // what comes is of the first, until the worklet has ended it
  #table;

  static async create(context, options = {}) {
    const { channels = 1, controls = {}, model } = options;
    if (context.sampleRate !== SAMPLE_RATE)
      throw new Error(`percepnet: the context has ${context.sampleRate} Hz, needs 48000: make it ` +
        "with new AudioContext({ sampleRate: 48000 }), and the browser converts");
    if (!context.audioWorklet)
      throw new Error("percepnet: AudioWorklet is missing: serve the page by https or localhost");
    const module = await load(options.module);
    await context.audioWorklet.addModule(new URL("worklet.js", import.meta.url));
    const node = new PercepnetNode(context, "percepnet", {
      numberOfInputs: 1, numberOfOutputs: 1, outputChannelCount: [channels],
      channelCount: channels, channelCountMode: "explicit",
      processorOptions: { module, channels, controls, model },
    });
    await node.#ready();
    return node;
  }

  #ready() {
    return new Promise((resolve, reject) => {
      this.onprocessorerror = () => reject(new Error("percepnet: the worklet did not start"));
      this.port.onmessage = ({ data }) => {
        if (data.type === "error") reject(new Error(data.message));
        if (data.type !== "ready") return;
        this.latency = data.latency;
        this.#table = data.table;
        this.port.onmessage = (event) => this.#hear(event.data);
        resolve();
      };
    });
  }

  #hear({ type, share, readout, recorded }) {
    if (type === "recorded") return this.#recordings.shift()?.finish();
    if (recorded) this.#recordings[0]?.blocks.push(...recorded);
    this.dispatchEvent(new CustomEvent("report", { detail: { share, readout } }));
  }

  set(name, value) {
    number(liveControl(this.#table, name), value); // an error is thrown here, not in the worklet
    this.port.postMessage({ type: "set", name, value });
  }

  reset() {
    this.port.postMessage({ type: "reset" });
  }

  /** Keep what is put out from now on, until stopRecording(). */
  startRecording() {
    const last = this.#recordings.at(-1);
    if (last && !last.whole) this.#recordings.pop(); // begun anew
    this.#recordings.push({ blocks: [] });
    this.port.postMessage({ type: "record", value: true });
  }

  async stopRecording() {
    const recording = this.#recordings.at(-1);
    if (!recording) throw new Error("percepnet: startRecording() comes first");
    recording.whole ??= this.#end(recording);
    return recording.whole;
  }

  async #end(recording) {
    await new Promise((finish) => {
      // The worklet of a context that is closed answers no more.
      const look = () => this.context.state === "closed" && recording.finish();
      recording.finish = () => {
        this.context.removeEventListener("statechange", look);
        finish();
      };
      this.context.addEventListener("statechange", look);
      this.port.postMessage({ type: "record", value: false });
      look();
    });
    return Array.from({ length: this.channelCount }, (_, c) =>
      join(recording.blocks.map((block) => block[c])));
  }

  /** Stop for good and free the memory. */
  close() {
    this.disconnect();
    this.port.postMessage({ type: "close" });
  }
}

function join(blocks) {
  const whole = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let done = 0;
  for (const block of blocks) {
    whole.set(block, done);
    done += block.length;
  }
  return whole;
}
