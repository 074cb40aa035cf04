/** The first of the ports that benches take; others may be in use where CASEROOM_BENCH_PORT says so. */
export const BASE_PORT = Number(process.env.CASEROOM_BENCH_PORT ?? "14400");
