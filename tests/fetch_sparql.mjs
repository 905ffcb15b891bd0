// Asks an endpoint by npm's fetch-sparql-endpoint: node fetch_sparql.mjs NODE_MODULES ENDPOINT QUERY.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , modules, endpoint, query] = process.argv;
const require = createRequire(modules);
const { SparqlEndpointFetcher } = await import(pathToFileURL(require.resolve("fetch-sparql-endpoint")));
const fetcher = new SparqlEndpointFetcher();
const stream = await fetcher.fetchBindings(endpoint, query);
const rows = [];
stream.on("data", (row) => rows.push(Object.fromEntries(Object.entries(row).map(([k, v]) => [k, v.value]))));
stream.on("end", () => process.stdout.write(JSON.stringify(rows)));
stream.on("error", (error) => { process.stderr.write(String(error)); process.exitCode = 1; });
