import { connectWorkerEngine } from "./engine/worker-engine.ts";
import { mountApp } from "./mount.tsx";

void mountApp({ connect: connectWorkerEngine });
