// The official JavaScript client, for dax_peers: client.cjs PORT CALLS
'use strict';
const { Dax } = require('@amazon-dax-sdk/client-dax');

const [port, calls] = process.argv.slice(2).map(Number);
const client = new Dax({
  endpoints: [`dax://127.0.0.1:${port}`],
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
});
const request = { TableName: 'loopstate', Key: { pk: { S: 'USER#user-000001' }, sk: { S: 'CONTEXT' } } };

async function get() {
  const begin = process.hrtime.bigint();
  const reply = await client.getItem(request);
  if (!reply.Item.context_data) throw new Error('a wrong item');
  return Number(process.hrtime.bigint() - begin) / 1e3;
}

async function measure(concurrency) {
  let left = calls;
  const took = [];
  const before = process.cpuUsage();
  const caller = async () => {
    while (left-- > 0) took.push(await get());
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  const used = process.cpuUsage(before);
  took.sort((a, b) => a - b);
  const round = (value) => Math.round(value * 10) / 10;
  console.log(
    JSON.stringify({
      bench: 'official JavaScript client',
      concurrency,
      cpu_us: round((used.user + used.system) / calls),
      p50_us: round(took[took.length >> 1]),
    }),
  );
}

(async () => {
  for (let at = 0; at < calls / 10; ++at) await get();
  await measure(1);
  await measure(64);
  process.exit(0);
})();
