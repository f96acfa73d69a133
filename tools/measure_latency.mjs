// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// How late programs put their output out:
//   node tools/measure_latency.mjs NODE_MODULES [SOUND]
//   node tools/measure_latency.mjs --files IN OUT
//
// NODE_MODULES is the folder that npm makes: npm install --ignore-scripts @jitsi/rnnoise-wasm
// @shiguredo/rnnoise-wasm @sapphi-red/web-noise-suppressor. Each program that is there hears SOUND
// (the shipped recording) as a stream, in frames of its own size, or in the blocks of 128 samples of
// an AudioWorklet. The lag is where the output has most in common with the input, of the first four
// seconds. percepnet itself is the check: its lag is known.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const RATE = 48000;
const QUANTUM = 128; // samples that an AudioWorklet gets at once
const LONGEST = RATE / 10; // lag that is looked for
const FULL_SCALE = 32768; // RNNoise's samples

const [modules, sound = join(ROOT, "docs/samples/noisy-english.flac"), output] =
  process.argv.slice(2);
if (!modules || (modules === "--files") !== Boolean(output)) {
  console.error("usage: node tools/measure_latency.mjs NODE_MODULES [SOUND] | --files IN OUT");
  process.exit(2);
}

function samplesOf(path) {
  const bytes = execFileSync("ffmpeg", ["-v", "error", "-i", path, "-t", "4", "-ac", "1",
    "-ar", String(RATE), "-f", "f32le", "-"], { maxBuffer: 1 << 28 });
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function inFrames(input, size, process) {
  const output = new Float32Array(input.length);
  for (let at = 0; at + size <= input.length; at += size)
    output.set(process(input.slice(at, at + size)), at);
  return output;
}

function lag(input, output) {
  let [best, most] = [0, 0];
  for (let k = 0; k <= LONGEST; k++) {
    let sum = 0;
    for (let i = 0; i + k < output.length; i++) sum += input[i] * output[i + k];
    if (sum > most) [best, most] = [k, sum];
  }
  return best;
}

// What a worklet's script finds around it in a browser.
const registered = new Map();
Object.assign(globalThis, {
  sampleRate: RATE,
  WorkerGlobalScope: Object,
  registerProcessor: (name, type) => registered.set(name, type),
  AudioWorkletProcessor: class {
    port = { postMessage() {}, addEventListener() {}, start() {} };
  },
});

const package_ = (name, ...path) => join(resolve(modules), name, ...path);
const fetchModule = (path) => import(pathToFileURL(path));

async function worklet(script, name, processorOptions, input) {
  await fetchModule(script);
  const node = new (registered.get(name))({ processorOptions });
  for (let wait = 0; wait < 300 && !("stream" in node || node.processor); wait++)
    await new Promise((go) => setTimeout(go, 100));
  return inFrames(input, QUANTUM, (block) => {
    const output = new Float32Array(QUANTUM);
    node.process([[block]], [[output]], {});
    return output;
  });
}

const SUPPRESSOR = "@sapphi-red/web-noise-suppressor";
const suppressor = (kind, wasm) => [package_(SUPPRESSOR, "dist", kind, "workletProcessor.js"),
  (script, input) => worklet(script, `${SUPPRESSOR}/${kind}`, { maxChannels: 1,
    wasmBinary: readFileSync(package_(SUPPRESSOR, "dist", wasm)).buffer }, input)];
const OURS = ["build/web/percepnet", "build-web/percepnet"].map((path) => join(ROOT, path))
  .find((path) => existsSync(path)) ?? "";

const PROGRAMS = {
  "percepnet, frames of 480": [join(OURS, "percepnet.js"), async (script, input) => {
    const { Stream, load } = await fetchModule(script);
    const stream = new Stream(await load(), { blockSize: 480 });
    return inFrames(input, 480, (frame) => stream.process([frame])[0]);
  }],
  "percepnet, AudioWorklet": [join(OURS, "worklet.js"), async (script, input) => {
    const { load } = await fetchModule(join(OURS, "percepnet.js"));
    const processorOptions = { module: await load(), channels: 1, controls: {} };
    return worklet(script, "percepnet", processorOptions, input);
  }],
  "RNNoise (@jitsi/rnnoise-wasm), frames of 480": [
    package_("@jitsi/rnnoise-wasm", "dist", "rnnoise-sync.js"), async (script, input) => {
      // The package calls itself CommonJS, its file is none.
      const text = readFileSync(script, "utf8").replaceAll("import.meta.url", '""');
      const url = `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`;
      const module = (await import(url)).default();
      await module.ready;
      const [state, place] = [module._rnnoise_create(), module._malloc(480 * 4)];
      return inFrames(input, 480, (frame) => {
        module.HEAPF32.set(frame.map((x) => x * FULL_SCALE), place / 4);
        module._rnnoise_process_frame(state, place, place);
        return module.HEAPF32.slice(place / 4, place / 4 + 480).map((x) => x / FULL_SCALE);
      });
    }],
  "RNNoise (@shiguredo/rnnoise-wasm), frames of 480": [
    package_("@shiguredo/rnnoise-wasm", "dist", "rnnoise.js"), async (script, input) => {
      const { Rnnoise } = await fetchModule(script);
      const state = (await Rnnoise.load()).createDenoiseState();
      return inFrames(input, 480, (frame) => {
        const scaled = frame.map((x) => x * FULL_SCALE);
        state.processFrame(scaled);
        return scaled.map((x) => x / FULL_SCALE);
      });
    }],
  "SpeexDSP (web-noise-suppressor), AudioWorklet": suppressor("speex", "speex.wasm"),
  "GTCRN (web-noise-suppressor), AudioWorklet": suppressor("gtcrn", "gtcrn.wasm"),
};

function show(name, input, output) {
  const late = lag(input, output);
  console.log(`${name}: ${late} samples, ${((1000 * late) / RATE).toFixed(1)} ms`);
}

const input = samplesOf(sound);
if (output) show(output, input, samplesOf(output));
for (const [name, [script, run]] of output ? [] : Object.entries(PROGRAMS)) {
  if (existsSync(script)) show(name, input, await run(script, input));
  else console.log(`${name}: not there`);
}
