// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The engine on the audio thread; audio-node.js is its other end.
import { Stream } from "./percepnet.js";

const QUANTUM = globalThis.renderQuantumSize ?? 128; // samples that an AudioWorklet gets at once
const REPORT = 4800; // samples between two reports to the page

// Few browsers have a fine clock here; a coarse one is right on average.
const clock = globalThis.performance ?? Date;

class PercepnetProcessor extends AudioWorkletProcessor {
  constructor({ processorOptions: { module, channels, controls, model } }) {
    super();
    this.silence = new Float32Array(QUANTUM);
    this.busy = 0;
    this.frames = 0;
    this.recorded = null;
    try {
      this.stream = new Stream(module, { channels, blockSize: QUANTUM, controls, model });
      const { latency, table } = this.stream;
      this.port.postMessage({ type: "ready", latency, table });
    } catch (error) {
      this.port.postMessage({ type: "error", message: error.message });
    }
    this.port.onmessage = ({ data }) => this.handle(data);
  }

  handle({ type, name, value }) {
    if (type === "set") this.stream?.set(name, value);
    if (type === "reset") this.stream?.reset();
    if (type === "record") this.record(value);
    if (type === "close") this.close();
  }

  record(on) {
    if (!on && this.stream) this.report();
    this.recorded = on ? [] : null;
    if (!on) this.port.postMessage({ type: "recorded" });
  }

  close() {
    if (this.recorded) this.report(); // the end of a recording
    this.stream?.destroy();
    this.stream = null;
  }

  process([input], [output]) {
    if (!this.stream) return false;
    const start = clock.now();
    // Nothing connected: no channels. One channel goes to all.
    const channels = output.map((_, c) => input[c] ?? input[0] ?? this.silence);
    this.stream.process(channels, output);
    if (this.recorded) this.recorded.push(output.map((channel) => channel.slice()));
    this.busy += clock.now() - start;
    this.frames += output[0].length;
    if (this.frames >= REPORT) this.report();
    return true;
  }

  report() {
    const milliseconds = (1000 * this.frames) / sampleRate;
    const share = milliseconds ? this.busy / milliseconds : 0;
    this.port.postMessage({ type: "report", share, readout: this.stream.readout(),
      recorded: this.recorded });
    if (this.recorded) this.recorded = [];
    this.busy = this.frames = 0;
  }
}

registerProcessor("percepnet", PercepnetProcessor);
