import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";

/** What the page may do, as far as the page alone can say it; the gateway's header adds which hosts it may call. */
const CONTENT_SECURITY_POLICY = [
  // The viewer's decoders are WebAssembly; no script is made from text.
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "manifest-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
].join("; ");

/** In the built page only: the dev server needs an inline script for hot replacement. */
const contentSecurityPolicy: Plugin = {
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: CONTENT_SECURITY_POLICY },
      injectTo: "head-prepend",
    },
  ],
};

/** Beside every text its compressed forms: the gateway hands out the one that a browser takes, and computes nothing. */
const compressedForms: Plugin = {
  name: "compressed-forms",
  apply: "build",
  // After the service worker, which is written in the same hook.
  closeBundle: {
    order: "post",
    sequential: true,
    handler() {
      const folder = join(import.meta.dirname, "dist");
      for (const name of globSync("**/*.{js,css,html,svg,json,webmanifest,wasm}", { cwd: folder })) {
        const path = join(folder, name);
        const bytes = readFileSync(path);
        if (bytes.length < 1024) continue;
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        // 11 would take a minute for the viewer and save 3 %.
        const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
      }
    },
  },
};

/** Read by the dev server before anything asks for them: found late, they would be loaded twice, and Cornerstone would lose its own metadata. */
const VIEWER_MODULES = [
  "dicom-parser",
  "@cornerstonejs/core",
  "@cornerstonejs/metadata",
  "@cornerstonejs/utils",
  ...[
    "pako",
    "comlink",
    "@cornerstonejs/jpeg-lossless-decoder-js",
    "@cornerstonejs/codec-charls/decodewasmjs",
    "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs",
    "@cornerstonejs/codec-libjxl/decodewasmjs",
    "@cornerstonejs/codec-openjpeg/decodewasmjs",
    "@cornerstonejs/codec-openjph/wasmjs",
  ].map((codec) => `@cornerstonejs/dicom-image-loader > ${codec}`),
];

export default defineConfig({
  base: "/",
  build: { outDir: "dist", emptyOutDir: true, target: "es2023", modulePreload: { polyfill: false } },
  worker: { format: "es" },
  optimizeDeps: { exclude: ["@cornerstonejs/dicom-image-loader"], include: VIEWER_MODULES },
  plugins: [
    react(),
    contentSecurityPolicy,
    VitePWA({
      strategies: "generateSW",
      // A new version waits until every window is closed: nobody's half-written message is reloaded away.
      registerType: "prompt",
      injectRegister: "script-defer",
      includeAssets: ["icon.svg"],
      manifest: {
        name: "Caseroom",
        short_name: "Caseroom",
        description: "One encrypted room per patient case.",
        start_url: "/",
        scope: "/",
        display: "standalone",
        background_color: "#f5f7f9",
        theme_color: "#0f5f73",
        icons: [
          { src: "/icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any" },
          { src: "/icon.svg", sizes: "any", type: "image/svg+xml", purpose: "maskable" },
        ],
      },
      workbox: {
        globPatterns: ["**/*.{js,css,html,svg,webmanifest,wasm}"],
        // The viewer and its decoders weigh more than everything else together: kept from the first time they are wanted.
        globIgnores: ["**/viewer-*.js", "**/decodeImageFrameWorker-*.js", "**/*.wasm"],
        maximumFileSizeToCacheInBytes: 6 * 1024 * 1024,
        navigateFallback: "/index.html",
        navigateFallbackDenylist: [/^\/config\.json$/, /^\/app\//, /^\/fhir\//],
        runtimeCaching: [
          {
            urlPattern: ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith("/assets/"),
            handler: "CacheFirst",
            options: { cacheName: "viewer", expiration: { maxEntries: 24 } },
          },
          {
            // Without it a device that is offline could not even open what it already holds.
            urlPattern: ({ url }) => url.pathname === "/config.json",
            handler: "NetworkFirst",
            options: { cacheName: "config", networkTimeoutSeconds: 3 },
          },
        ],
      },
    }),
    compressedForms,
  ],
});
