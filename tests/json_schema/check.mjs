// Usage: node check.mjs SCHEMA PGSTEER CASES INVENTORY...
// Every INVENTORY is valid. In every case of the folder CASES, what the schema refuses stands on a
// line on which pgsteer finds an error, and errors of shape and type are refused by the schema, but
// for those that a JSON Schema cannot see (below).
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import Ajv from "ajv";
import YAML from "yaml";

// Codes that are about one value or key alone.
const ofOneValue = new Set(["E001", "E002", "E006", "E023", "E025", "E041", "E043", "E047"]);

// What pgsteer sees in the text and no reader of YAML 1.2 shows a schema, or what needs more than
// the value.
const outOfSight = [
    [/ both want port /, "two values"],
    [/ must be a whole number, this is "0\d+"/, "YAML 1.2 reads 01 as 1"],
    [/^\w+: "[\d.]+" is no IPv4 address/, "it is a part of a text"],
    [/ must be -?\d+ to -?\d+, this is "'?\d+"/, "quoted numbers have no range"],
];

const [schemaFile, pgsteer, folder, ...samples] = process.argv.slice(2);
const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
ajv.addVocabulary(["deprecationMessage", "doNotSuggest"]);
const validate = ajv.compile(JSON.parse(fs.readFileSync(schemaFile, "utf8")));
const scratch = path.join(os.tmpdir(), `pgsteer-json-schema.${process.pid}.yml`);
let problems = 0;

function complain(text) {
    problems++;
    console.log(text);
}

// The lines of the key and of the value that an error is about.
function linesOf(document, counter, error) {
    const steps = error.instancePath.split("/").slice(1);
    const names = steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (error.params.additionalProperty) names.push(error.params.additionalProperty);
    const lines = [];
    let node = document.contents;
    for (const name of names) {
        if (YAML.isAlias(node)) node = node.resolve(document);
        const pair = node.items.find((item) => YAML.isPair(item) && String(item.key) === name);
        const found = YAML.isSeq(node) ? { value: node.items[Number(name)] } : pair;
        lines.length = 0;
        if (found.key?.range) lines.push(counter.linePos(found.key.range[0]).line);
        if (found.value?.range) lines.push(counter.linePos(found.value.range[0]).line);
        node = found.value;
    }
    return lines;
}

// Only the innermost errors: those above say the same of more lines.
function innermost(errors) {
    const saysMore = new Set(["required", "additionalProperties"]);
    return errors.filter((a) => saysMore.has(a.keyword) ||
        !errors.some((b) => b.instancePath.startsWith(`${a.instancePath}/`)));
}

function findings(text) {
    fs.writeFileSync(scratch, text);
    let printed;
    try {
        printed = execFileSync(pgsteer, ["validate", "-json", "-i", scratch], { stdio: "pipe" });
    } catch (error) {
        printed = error.stdout;
    }
    return JSON.parse(printed).diagnostics.filter((finding) => finding.severity === "error");
}

function checkCase(name, text) {
    const counter = new YAML.LineCounter();
    const document = YAML.parseDocument(text, { lineCounter: counter, uniqueKeys: false });
    const found = findings(text);
    if (document.errors.length > 0) {
        if (found.length === 0) complain(`${name}: ${document.errors[0].message}`);
        return false;
    }
    validate(document.toJS());
    const refused = innermost(validate.errors ?? []);
    const refusedLines = refused.map((error) => linesOf(document, counter, error));
    const foundLines = new Set(found.flatMap((finding) => finding.places.map((p) => p.line)));
    refused.forEach((error, i) => {
        if (!refusedLines[i].some((line) => foundLines.has(line)))
            complain(`${name}:${refusedLines[i]}: only the schema refuses ${error.instancePath}: ` +
                `${error.message}`);
    });
    for (const finding of found) {
        const line = finding.places[0]?.line;
        if (!ofOneValue.has(finding.code) || outOfSight.some(([words]) => words.test(finding.message)))
            continue;
        if (!refusedLines.flat().includes(line))
            complain(`${name}:${line}: the schema lets pass ${finding.code}: ${finding.message}`);
    }
    return true;
}

for (const file of samples) {
    if (!validate(YAML.parse(fs.readFileSync(file, "utf8"))))
        complain(`${file}: ${ajv.errorsText(validate.errors)}`);
}
let judged = 0;
for (const name of fs.readdirSync(folder).filter((entry) => entry.endsWith(".case"))) {
    const text = fs.readFileSync(path.join(folder, name), "utf8");
    const inventory = text.match(/\n@inventory\n(.*?\n)@/s)[1];
    if (checkCase(name, inventory)) judged++;
}
fs.rmSync(scratch, { force: true });
console.log(`${samples.length} inventories, ${judged} cases: ${problems} problems`);
process.exit(problems === 0 && samples.length > 2 && judged > 20 ? 0 : 1);
