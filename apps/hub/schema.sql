CREATE TABLE accounts (
  login text NOT NULL,
  org_id bytea NOT NULL,
  password_hash text NOT NULL,
  totp_secret text NOT NULL,
  totp_step bigint NOT NULL DEFAULT 0,
  staff_id text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  specialty text,
  user_id bytea,
  CONSTRAINT accounts_pkey PRIMARY KEY (login)
);
CREATE INDEX accounts_org ON accounts USING btree (org_id, staff_id);
CREATE UNIQUE INDEX accounts_pkey ON accounts USING btree (login);

CREATE TABLE blobs (
  space_id bytea NOT NULL,
  comp_id bytea NOT NULL,
  blob_id bytea NOT NULL,
  size bigint NOT NULL,
  received bigint NOT NULL,
  complete boolean NOT NULL,
  CONSTRAINT blobs_pkey PRIMARY KEY (space_id, comp_id, blob_id)
);
CREATE UNIQUE INDEX blobs_pkey ON blobs USING btree (space_id, comp_id, blob_id);

CREATE TABLE comps (
  space_id bytea NOT NULL,
  comp_id bytea NOT NULL,
  feed_n bigint NOT NULL,
  feed_edge bytea NOT NULL,
  CONSTRAINT comps_pkey PRIMARY KEY (space_id, comp_id)
);
CREATE UNIQUE INDEX comps_pkey ON comps USING btree (space_id, comp_id);

CREATE TABLE device_requests (
  request_id text NOT NULL,
  user_id bytea NOT NULL,
  request bytea NOT NULL,
  at_ms bigint NOT NULL,
  CONSTRAINT device_requests_pkey PRIMARY KEY (request_id)
);
CREATE UNIQUE INDEX device_requests_pkey ON device_requests USING btree (request_id);
CREATE INDEX device_requests_user ON device_requests USING btree (user_id, at_ms);

CREATE TABLE feed (
  space_id bytea NOT NULL,
  comp_id bytea NOT NULL,
  n bigint NOT NULL,
  kind text NOT NULL,
  oid bytea,
  hash bytea NOT NULL,
  ts bigint NOT NULL,
  log_index bigint,
  bytes bytea NOT NULL,
  CONSTRAINT feed_kind_check CHECK ((kind = ANY (ARRAY['entry'::text, 'link'::text]))),
  CONSTRAINT feed_pkey PRIMARY KEY (space_id, comp_id, n)
);
CREATE UNIQUE INDEX feed_oid ON feed USING btree (space_id, comp_id, oid) WHERE (oid IS NOT NULL);
CREATE UNIQUE INDEX feed_pkey ON feed USING btree (space_id, comp_id, n);

CREATE TABLE links (
  space_id bytea NOT NULL,
  chain_id bytea NOT NULL,
  n bigint NOT NULL,
  ct text NOT NULL,
  hash bytea NOT NULL,
  log_index bigint NOT NULL,
  ts bigint NOT NULL,
  bytes bytea NOT NULL,
  CONSTRAINT links_pkey PRIMARY KEY (space_id, chain_id, n)
);
CREATE INDEX links_log_index ON links USING btree (log_index);
CREATE UNIQUE INDEX links_pkey ON links USING btree (space_id, chain_id, n);

CREATE TABLE log_leaves (
  idx bigint NOT NULL,
  kind text NOT NULL,
  stream_id bytea NOT NULL,
  n bigint NOT NULL,
  leaf bytea NOT NULL,
  CONSTRAINT log_leaves_kind_check CHECK ((kind = ANY (ARRAY['link'::text, 'feed'::text]))),
  CONSTRAINT log_leaves_pkey PRIMARY KEY (idx)
);
CREATE UNIQUE INDEX log_leaves_pkey ON log_leaves USING btree (idx);
CREATE INDEX log_leaves_stream ON log_leaves USING btree (stream_id, kind, n);

CREATE TABLE log_nodes (
  level smallint NOT NULL,
  idx bigint NOT NULL,
  hash bytea NOT NULL,
  CONSTRAINT log_nodes_pkey PRIMARY KEY (level, idx)
);
CREATE UNIQUE INDEX log_nodes_pkey ON log_nodes USING btree (level, idx);

CREATE TABLE log_tail (
  only_row boolean NOT NULL DEFAULT true,
  edge bytea NOT NULL,
  ts bigint NOT NULL,
  checkpoint text NOT NULL,
  CONSTRAINT log_tail_only_row_check CHECK (only_row),
  CONSTRAINT log_tail_pkey PRIMARY KEY (only_row)
);
CREATE UNIQUE INDEX log_tail_pkey ON log_tail USING btree (only_row);

CREATE TABLE marks (
  space_id bytea NOT NULL,
  comp_id bytea NOT NULL,
  kid bytea NOT NULL,
  bytes bytea NOT NULL,
  CONSTRAINT marks_pkey PRIMARY KEY (space_id, comp_id, kid)
);
CREATE UNIQUE INDEX marks_pkey ON marks USING btree (space_id, comp_id, kid);

CREATE TABLE sessions (
  token_hash bytea NOT NULL,
  user_id bytea NOT NULL,
  kid bytea NOT NULL,
  expires_ms bigint NOT NULL,
  CONSTRAINT sessions_pkey PRIMARY KEY (token_hash)
);
CREATE UNIQUE INDEX sessions_pkey ON sessions USING btree (token_hash);

CREATE TABLE wraps (
  hash bytea NOT NULL,
  chain_id bytea NOT NULL,
  bytes bytea NOT NULL,
  CONSTRAINT wraps_pkey PRIMARY KEY (hash)
);
CREATE UNIQUE INDEX wraps_pkey ON wraps USING btree (hash);
