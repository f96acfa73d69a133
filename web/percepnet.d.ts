// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The manual of the package. Sound is 32-bit float in [-1, 1] at 48000 Hz, one array for each
// channel. Errors are thrown, with a sentence that says what was wrong and what to do.

/** Hz: the engine works at no other rate. */
export const SAMPLE_RATE: 48000;
/** Samples in a hop (10 ms), the engine's grain. */
export const HOP_SIZE: 480;

/** One control as the engine describes it; docs/options.md lists them all. */
export interface Control {
  id: number;
  /** "attenuation-limit": what set() and get() take. */
  name: string;
  /** For people: "Attenuation limit". */
  title: string;
  /** "dB", or "" for none. */
  unit: string;
  minimum: number;
  maximum: number;
  default: number;
  /** false: set when a stream is made and not later. */
  live: boolean;
  /** What single values mean: "0: off, 1: full"; or "". */
  legend: string;
  /** One sentence without the full stop. */
  description: string;
  /** One for each whole number of the range; absent: any number. */
  choices?: { name: string; description: string }[];
}

/** Numbers are clamped to the range; a choice is its name or its number. */
export type Value = number | string;

export interface Options {
  /** 1 to 64, default 1. */
  channels?: number;
  /** Values of controls by name; the others have their defaults. */
  controls?: Record<string, Value>;
  /** The bytes of a model file; default: the model that is built in. */
  model?: ArrayBuffer | Uint8Array;
}

/** What the engine thinks of the hop that it put out last. */
export interface Readout {
  /** 0..1 */
  voiceProbability: number;
  /** Estimated signal-to-noise ratio, dB, -30..60. */
  snr: number;
  /** Mean gain, dB, -100..10. */
  gain: number;
  /** Hz, 62.5..500; means little where pitchCorrelation is low. */
  pitch: number;
  /** 0..1 */
  pitchCorrelation: number;
  /** Of the 34 bands: gain of the amplitude, from 0 on. */
  gains: Float32Array;
  /** Of the 34 bands: share of the comb filter at the pitch, 0..1. */
  strengths: Float32Array;
}

export type ModuleSource =
  string | URL | Response | ArrayBuffer | ArrayBufferView | WebAssembly.Module;

/** Compile the engine: percepnet.wasm beside percepnet.js, or another. Once is enough for any
    number of streams, also in workers and worklets that it is posted to. */
export function load(source?: ModuleSource): Promise<WebAssembly.Module>;

/** The engine's controls, in the order of their ids. */
export function controls(module: WebAssembly.Module): Control[];
/** "MAJOR.MINOR.PATCH" */
export function version(module: WebAssembly.Module): string;
/** Centres of the 34 bands in Hz. */
export function bandCentres(module: WebAssembly.Module): Float32Array;

/** One stream, with memory of its own. For the thread that made it. */
export class Stream {
  /** blockSize: a promise that every block is a multiple of this, which makes the latency less; 0:
      none. Throws when an option is out of range or the model cannot be used. */
  constructor(module: WebAssembly.Module, options?: Options & { blockSize?: number });
  readonly channels: number;
  /** Samples that the output is late by: 1440 with the built-in model, and 480 - gcd(blockSize, 480)
      more. */
  readonly latency: number;
  /** Any number of samples, the same in every channel; in place if there is no output. Allocates
      no memory of the engine's. @return output */
  process(input: Float32Array[], output?: Float32Array[]): Float32Array[];
  /** The last samples (latency of them); after it the stream is as new. */
  flush(): Float32Array[];
  /** Forget the signal; settings stay. */
  reset(): void;
  /** From the next hop on, with a fade of one hop. Only controls that are live. */
  set(name: string, value: Value): void;
  /** A number, or the name of a choice. */
  get(name: string): Value;
  readout(channel?: number): Readout;
  /** Free its memory; the stream is of no use after it. */
  destroy(): void;
}

/** A whole recording: as many samples out as in, and no lag. Works in pieces of a second and lets
    other work go on in between; onProgress gets shares from 0 to 1. */
export function enhance(
  module: WebAssembly.Module,
  input: Float32Array[],
  options?: Omit<Options, "channels"> & { onProgress?: (share: number) => void },
): Promise<Float32Array[]>;

/** "percepnet/audio-node.js": the engine on the audio thread. Its latency: 1888 samples (39 ms), less or
    up to 31 more where the context has a renderSizeHint. */
export class PercepnetNode extends AudioWorkletNode {
  /** The context must be of 48000 Hz: new AudioContext({ sampleRate: 48000 }). module: what load()
      takes or has made. */
  static create(
    context: BaseAudioContext,
    options?: Options & { module?: ModuleSource },
  ): Promise<PercepnetNode>;
  /** Samples. */
  readonly latency: number;
  /** As Stream.set(). */
  set(name: string, value: Value): void;
  reset(): void;
  /** Keep what is put out from now on ... */
  startRecording(): void;
  /** ... and get it, one array for each channel; also after close(). Where the context was closed
      meanwhile, the last tenth of a second may be missing. */
  stopRecording(): Promise<Float32Array[]>;
  /** Stop for good and free the memory. */
  close(): void;
  /** Ten times a second, an event "report": the share of real time that the engine took since the
      last one, and a readout. */
  addEventListener(
    type: "report",
    listener: (event: CustomEvent<{ share: number; readout: Readout }>) => void,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject): void;
}

/** "percepnet/wav.js": the bytes of a WAV file of 32-bit float samples. */
export function wav(channels: Float32Array[], rate: number): ArrayBuffer;
