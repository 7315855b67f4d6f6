// Carries out steps through Qdrant's JavaScript client and prints the answers.
// usage: node javascript_client.mjs CLIENT-MODULE URL < STEPS.json
// A line of stdout is one step's answer in REST's JSON form: {"answer": …} or {"refused": "…"}.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [modulePath, url] = process.argv.slice(2);
const { QdrantClient } = await import(pathToFileURL(modulePath));
const client = new QdrantClient({ url });

const upsertInBatches = async (collection, { points, batch_size }) => {
  for (let start = 0; start < points.length; start += batch_size) {
    await client.upsert(collection, { wait: true, points: points.slice(start, start + batch_size) });
  }
};

const upsertColumnsInBatches = async (collection, { ids, vectors, payloads, batch_size }) => {
  for (let start = 0; start < ids.length; start += batch_size) {
    const part = (list) => list.slice(start, start + batch_size);
    await client.upsert(collection, { wait: true, batch: { ids: part(ids), vectors: part(vectors), payloads: part(payloads) } });
  }
};

const scrollPages = async (collection, options) => {
  const pages = [];
  for (let offset = undefined; ; ) {
    const page = await client.scroll(collection, { ...options, offset });
    pages.push(page.points);
    offset = page.next_page_offset;
    if (offset === null || offset === undefined) return pages;
  }
};

const description = async (collection) => {
  const { points_count, config } = await client.getCollection(collection);
  const { vectors, sparse_vectors } = config.params;
  return { points_count, vectors, sparse_vectors };
};

const waiting = (call) => (collection, options) => call.call(client, collection, { wait: true, ...options });
const asGiven = (call) => (collection, options) => call.call(client, collection, options);

const calls = {
  createCollection: asGiven(client.createCollection),
  deleteCollection: asGiven(client.deleteCollection),
  collectionExists: asGiven(client.collectionExists),
  description,
  collections: async () => (await client.getCollections()).collections.map(({ name }) => name).sort(),
  uploadPoints: upsertInBatches,
  uploadCollection: upsertColumnsInBatches,
  upsert: waiting(client.upsert),
  retrieve: asGiven(client.retrieve),
  query: asGiven(client.query),
  queryBatch: asGiven(client.queryBatch),
  scroll: asGiven(client.scroll),
  scrollPages,
  count: asGiven(client.count),
  facet: asGiven(client.facet),
  setPayload: waiting(client.setPayload),
  overwritePayload: waiting(client.overwritePayload),
  deletePayload: waiting(client.deletePayload),
  clearPayload: waiting(client.clearPayload),
  updateVectors: waiting(client.updateVectors),
  deleteVectors: waiting(client.deleteVectors),
  delete: waiting(client.delete),
  batchUpdate: waiting(client.batchUpdate),
  createPayloadIndex: waiting(client.createPayloadIndex),
  deletePayloadIndex: (collection, { field_name }) => client.deletePayloadIndex(collection, field_name, { wait: true }),
  updateAliases: (_, options) => client.updateCollectionAliases(options),
  aliases: async () => (await client.getAliases()).aliases,
  collectionAliases: async (collection) => (await client.getCollectionAliases(collection)).aliases,
};

for (const step of JSON.parse(readFileSync(0, 'utf8'))) {
  let line;
  try {
    line = { answer: (await calls[step.call](step.collection, step.arguments)) ?? null };
  } catch (error) {
    if (error?.status === undefined) throw error; // no answer of the server
    line = { refused: String(error.data?.status?.error ?? error.message) };
  }
  console.log(JSON.stringify(line));
}
