// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The three graphs of DeepFilterNet 3 behind a pipe (deepfilternet.py): node graphs.js FOLDER
//
// In:  int32 T, float32 feat_erb (T, 32), float32 feat_spec (2, T, 96)
// Out: float32 m (T, 32), float32 coefs (T, 96, 5, 2)
'use strict';
const fs = require('fs');
const path = require('path');
const ort = require('onnxruntime-node');

const BANDS = 32, BINS = 96, TAPS = 5;
const OPTIONS = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' };

// A pipe that has nothing yet may say so by an error.
function transfer(call, length) {
  for (let at = 0; at < length;) {
    try {
      const moved = call(at);
      if (moved === 0)
        return false;
      at += moved;
    } catch (error) {
      if (error.code !== 'EAGAIN')
        throw error;
    }
  }
  return true;
}

function read(length) {
  const bytes = Buffer.alloc(length);
  return transfer(at => fs.readSync(0, bytes, at, length - at, null), length) ? bytes : null;
}

function readTensor(...shape) {
  const count = shape.reduce((a, b) => a * b, 1), bytes = read(4 * count);
  return new ort.Tensor('float32', new Float32Array(bytes.buffer, bytes.byteOffset, count), shape);
}

function write(tensor) {
  const bytes = Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
  transfer(at => fs.writeSync(1, bytes, at, bytes.length - at), bytes.length);
}

async function main(folder) {
  const open = name => ort.InferenceSession.create(path.join(folder, name + '.onnx'), OPTIONS);
  const encoder = await open('enc'), bands = await open('erb_dec'), filter = await open('df_dec');
  for (let head = read(4); head; head = read(4)) {
    const frames = head.readInt32LE();
    const feat_erb = readTensor(1, 1, frames, BANDS);
    const feat_spec = readTensor(1, 2, frames, BINS);
    const { emb, e0, e1, e2, e3, c0 } = await encoder.run({ feat_erb, feat_spec });
    write((await bands.run({ emb, e0, e1, e2, e3 })).m);
    const { coefs } = await filter.run({ emb, c0 });
    if (coefs.data.length !== frames * BINS * TAPS * 2)
      throw new Error('df_dec.onnx gives another number of coefficients than DeepFilterNet 3');
    write(coefs);
  }
}

main(process.argv[2]).catch(error => {
  console.error('graphs.js: ' + error.message);
  process.exit(1);
});
