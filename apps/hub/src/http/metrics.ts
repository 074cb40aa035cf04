/** Counters and gauges in the text format of Prometheus (exposition format 0.0.4). Labels hold route patterns and codes, never ids. */
export type Metrics = {
  readonly count: (name: CounterName, by?: number, labels?: Labels) => void;
  readonly gauge: (name: string, help: string, read: () => number) => void;
  readonly render: () => string;
};

type Labels = Readonly<Record<string, string | number>>;

const COUNTERS = {
  caseroom_http_requests_total: "Requests answered, by route and status.",
  caseroom_http_request_milliseconds_total: "Time spent on them, by route.",
  caseroom_entries_accepted_total: "Entries accepted.",
  caseroom_entry_commits_total: "Transactions that accepted entries.",
  caseroom_links_accepted_total: "Links accepted.",
  caseroom_log_leaves_total: "Lines added to the log.",
  caseroom_blob_bytes_total: "Bytes of blobs received.",
  caseroom_sign_ins_total: "Sign-ins, by outcome.",
} as const;
export type CounterName = keyof typeof COUNTERS;

export function createMetrics(): Metrics {
  const counters = new Map<CounterName, Map<string, number>>();
  const gauges: { readonly name: string; readonly help: string; readonly read: () => number }[] = [];
  return {
    count: (name, by = 1, labels = {}) => {
      const values = counters.get(name) ?? new Map<string, number>();
      const key = formatLabels(labels);
      counters.set(name, values.set(key, (values.get(key) ?? 0) + by));
    },
    gauge: (name, help, read) => {
      gauges.push({ name, help, read });
    },
    render: () => {
      const lines: string[] = [];
      for (const [name, values] of counters) {
        lines.push(`# HELP ${name} ${COUNTERS[name]}`, `# TYPE ${name} counter`);
        for (const [labels, value] of values) lines.push(`${name}${labels} ${value}`);
      }
      for (const { name, help, read } of gauges)
        lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${read()}`);
      return `${lines.join("\n")}\n`;
    },
  };
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
