// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// node enhance.mjs PACKAGE IN.f32 OUT.f32 JSON: planar samples through the module. JSON: options of
// enhance(), channels, blocks (sizes in turn), model (a file), set (controls set after creation).
// Prints an object: what the module says of itself.
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [folder, input, output, text] = process.argv.slice(2);
const { Stream, controls, enhance, load, version } =
  await import(pathToFileURL(`${folder}/percepnet.js`));
const { channels = 1, blocks, model, set = {}, ...options } = JSON.parse(text);
const module = await load();
if (model) options.model = await readFile(model);

const file = await readFile(input);
const samples = new Float32Array(file.buffer, file.byteOffset, file.length / 4);
const frames = samples.length / channels;
const planes = Array.from({ length: channels }, (_, c) =>
  samples.subarray(c * frames, (c + 1) * frames));

function inBlocks() {
  const stream = new Stream(module, { ...options, channels });
  for (const [name, value] of Object.entries(set)) stream.set(name, value);
  const out = planes.map((plane) => new Float32Array(frames + stream.latency));
  for (let done = 0, turn = 0; done < frames; turn++) {
    const end = Math.min(frames, done + blocks[turn % blocks.length]);
    stream.process(planes.map((plane) => plane.subarray(done, end)),
      out.map((plane) => plane.subarray(done, end)));
    done = end;
  }
  stream.flush().forEach((tail, c) => out[c].set(tail, frames));
  const result = out.map((plane) => plane.subarray(stream.latency));
  const said = { latency: stream.latency, readout: stream.readout(),
    values: Object.fromEntries(controls(module).map(({ name }) => [name, stream.get(name)])) };
  stream.destroy();
  return { result, said };
}

try {
  const { result, said } = blocks ? inBlocks()
    : { result: await enhance(module, planes, options), said: {} };
  await writeFile(output, Buffer.concat(result.map((plane) =>
    Buffer.from(plane.buffer, plane.byteOffset, plane.byteLength))));
  console.log(JSON.stringify({ ...said, version: version(module), controls: controls(module) }));
} catch (error) {
  console.log(JSON.stringify({ error: error.message }));
}
