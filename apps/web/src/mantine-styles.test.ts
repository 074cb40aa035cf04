import { existsSync, globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const require = createRequire(import.meta.url);
const mantine = dirname(dirname(require.resolve("@mantine/core")));
const sources = import.meta.dirname;
const importedStyles = new Set(
  [...read(join(sources, "mantine-styles.ts")).matchAll(/core\/styles\/(\w+)\.css/g)].map(([, name]) => name ?? ""),
);

it("gives every component that a screen uses its styles, and those of what the component is made of", () => {
  const used = globSync(join(sources, "**/*.tsx")).flatMap(importsOfMantine);
  expect(used).toContain("Button");
  const wanted = [...madeOf([...used, "Notification"])].filter((name) =>
    existsSync(join(mantine, "styles", `${name}.css`)),
  );
  expect(wanted.filter((name) => !importedStyles.has(name))).toEqual([]);
});

function importsOfMantine(path: string): readonly string[] {
  return [...read(path).matchAll(/import \{([^}]*)\} from "@mantine\/core"/g)].flatMap(([, names]) =>
    (names ?? "")
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "" && !name.startsWith("type ")),
  );
}

/** Components and the components that their modules import. */
function madeOf(names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    for (const path of globSync(join(mantine, "esm/components", name, "**/*.mjs"))) {
      for (const [, other] of read(path).matchAll(/from "(?:\.\.\/)+(\w+)\/\w+(?:\/[\w-]+)*\.mjs"/g))
        visit(other ?? "");
    }
  };
  for (const name of names) visit(name);
  return found;
}

function read(path: string): string {
  return readFileSync(path, "utf8");
}
