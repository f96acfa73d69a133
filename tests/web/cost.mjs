// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// node cost.mjs PACKAGE HOPS: processor time of a hop of noise in microseconds, after a warm-up.
import { pathToFileURL } from "node:url";

const [folder, hops] = process.argv.slice(2);
const { HOP_SIZE, Stream, load } = await import(pathToFileURL(`${folder}/percepnet.js`));
const stream = new Stream(await load(), { blockSize: HOP_SIZE });
const noise = Float32Array.from({ length: HOP_SIZE }, () => Math.random() - 0.5);
const out = [new Float32Array(HOP_SIZE)];
const work = (count) => { for (let i = 0; i < count; i++) stream.process([noise], out); };
work(1000);
const start = process.cpuUsage();
work(Number(hops));
const { user, system } = process.cpuUsage(start);
console.log((user + system) / hops);
