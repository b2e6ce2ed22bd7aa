// Makes each wasm that is named as small as it gets, in place: one start of Binaryen for all of them, as a
// start takes a second and most parts of the page take none.

import { readFileSync, writeFileSync } from "node:fs";
import binaryen from "binaryen";

const { Features } = binaryen;
const FEATURES =
    Features.BulkMemory |
    Features.BulkMemoryOpt |
    Features.MutableGlobals |
    Features.NontrappingFPToInt |
    Features.SignExt |
    Features.ReferenceTypes |
    Features.Multivalue;

// -Oz.
binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);
binaryen.setGenerateStackIR(true);
binaryen.setOptimizeStackIR(true);
binaryen.setDebugInfo(false);
for (const file of process.argv.slice(1)) {
    const module = binaryen.readBinary(readFileSync(file), FEATURES);
    module.optimize();
    // Who made it, and for which browsers, is nothing to a browser: 200 packed bytes a file.
    module.runPasses(["strip-debug", "strip-producers", "strip-target-features"]);
    writeFileSync(file, module.emitBinary());
    module.dispose();
}
