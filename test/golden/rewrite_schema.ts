// `deno task schema`: writes the JSON Schema of configuration files, for editors.
import { writeFileSync } from "node:fs";
import { configJsonSchema } from "../../src/files/config_schema.ts";

const file = new URL("../../docs/config.schema.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
