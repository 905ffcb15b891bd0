// Reads a JSON-LD document from standard input and writes it as N-Quads, by npm's jsonld.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const require = createRequire(process.argv[2]);
const jsonld = require("jsonld");
const documentLoader = (url) => {
  throw new Error(`asked for ${url}`);
};
const document = JSON.parse(await text(process.stdin));
process.stdout.write(
  await jsonld.toRDF(document, { format: "application/n-quads", documentLoader, safe: true }),
);
