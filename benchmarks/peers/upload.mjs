// What benchmarks/upload.cpp does, by Qdrant's own JavaScript client over REST. Prints `seconds cpu_us_a_point` of the upload.
// usage: node upload.mjs CLIENT-MODULE URL
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

const pointCount = 20000, dimension = 384, perRequest = 100, connections = 4;
const collection = 'qbatch_upload_benchmark_javascript';

if (process.argv.length !== 4) {
  console.error('usage: node upload.mjs CLIENT-MODULE URL');
  process.exit(2);
}
const [modulePath, url] = process.argv.slice(2);
const { QdrantClient } = await import(pathToFileURL(modulePath));

const normal = () => 0.05 * Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
const makePoint = (id) => ({
  id,
  // The values are those of 32-bit floats, as embedders give them.
  vector: Array.from({ length: dimension }, () => Math.fround(normal())),
  payload: { description: `pattern ${id}`, code: '', language: '', usage_count: 0 },
});

const points = Array.from({ length: pointCount }, (_, id) => makePoint(id));
const client = new QdrantClient({ url, maxConnections: connections });
await client.deleteCollection(collection);
await client.createCollection(collection, { vectors: { size: dimension, distance: 'Cosine' } });

let next = 0;
const uploader = async () => {
  while (next < pointCount) {
    const chunk = points.slice(next, (next += perRequest));
    const { status } = await client.upsert(collection, { wait: true, points: chunk });
    if (status !== 'completed') throw new Error('an upsert was not completed');
  }
};
const cpuBefore = process.cpuUsage();
const began = performance.now();
await Promise.all(Array.from({ length: connections }, uploader));
const seconds = (performance.now() - began) / 1e3;
const { user, system } = process.cpuUsage(cpuBefore);

const { count } = await client.count(collection, { exact: true });
await client.deleteCollection(collection);
if (count !== pointCount) throw new Error('points are missing');
console.log(`${seconds.toFixed(6)} ${((user + system) / pointCount).toFixed(6)}`);
