-- purpose: everything that the hub keeps. Ids and hashes are bytea; times are milliseconds since 1970 UTC.
-- purpose: tables of a space have space_id first in the key, so that it can become the distribution key.
-- locks:   none that matter; all tables are new.

-- Links of every chain. Chains of the directory (consortium, institutions, users) have the space of 32 zero bytes.
CREATE TABLE links (
  space_id bytea NOT NULL,
  chain_id bytea NOT NULL,
  n bigint NOT NULL,
  ct text NOT NULL,
  hash bytea NOT NULL,
  log_index bigint NOT NULL,
  ts bigint NOT NULL,
  bytes bytea STORAGE EXTERNAL NOT NULL,
  PRIMARY KEY (space_id, chain_id, n)
);
CREATE INDEX links_log_index ON links (log_index);

-- Keys sealed to their recipients, named by hash in a signed link.
CREATE TABLE wraps (
  hash bytea PRIMARY KEY,
  chain_id bytea NOT NULL,
  bytes bytea STORAGE EXTERNAL NOT NULL
);

-- Where the feed of a compartment stands: how many items, and the right edge of its Merkle tree.
CREATE TABLE comps (
  space_id bytea NOT NULL,
  comp_id bytea NOT NULL,
  feed_n bigint NOT NULL,
  feed_edge bytea NOT NULL,
  PRIMARY KEY (space_id, comp_id)
);

-- Entries and links of a compartment in order of acceptance. A link also says where the log has it.
CREATE TABLE feed (
  space_id bytea NOT NULL,
  comp_id bytea NOT NULL,
  n bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('entry', 'link')),
  oid bytea,
  hash bytea NOT NULL,
  ts bigint NOT NULL,
  log_index bigint,
  bytes bytea STORAGE EXTERNAL NOT NULL,
  PRIMARY KEY (space_id, comp_id, n)
);
CREATE UNIQUE INDEX feed_oid ON feed (space_id, comp_id, oid) WHERE oid IS NOT NULL;

-- The newest sealed mark of every device.
CREATE TABLE marks (
  space_id bytea NOT NULL,
  comp_id bytea NOT NULL,
  kid bytea NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (space_id, comp_id, kid)
);

-- Blobs: the bytes are files.
CREATE TABLE blobs (
  space_id bytea NOT NULL,
  comp_id bytea NOT NULL,
  blob_id bytea NOT NULL,
  size bigint NOT NULL,
  received bigint NOT NULL,
  complete boolean NOT NULL,
  PRIMARY KEY (space_id, comp_id, blob_id)
);

-- The transparency log: its lines, the hashes of all perfect subtrees, and the newest size with its checkpoint.
CREATE TABLE log_leaves (
  idx bigint PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('link', 'feed')),
  stream_id bytea NOT NULL,
  n bigint NOT NULL,
  leaf bytea NOT NULL
);
CREATE INDEX log_leaves_stream ON log_leaves (stream_id, kind, n);
CREATE TABLE log_nodes (
  level smallint NOT NULL,
  idx bigint NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (level, idx)
);
CREATE TABLE log_tail (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  edge bytea NOT NULL,
  ts bigint NOT NULL,
  checkpoint text NOT NULL
);

-- How members of staff sign in and stand in the directory. totp_step is the last one-time code used, so that none is used twice.
CREATE TABLE accounts (
  login text PRIMARY KEY,
  org_id bytea NOT NULL,
  password_hash text NOT NULL,
  totp_secret text NOT NULL,
  totp_step bigint NOT NULL DEFAULT 0,
  staff_id text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  specialty text,
  user_id bytea
);
CREATE INDEX accounts_org ON accounts (org_id, staff_id);

-- Bearers, by the hash of their token only.
CREATE TABLE sessions (
  token_hash bytea PRIMARY KEY,
  user_id bytea NOT NULL,
  kid bytea NOT NULL,
  expires_ms bigint NOT NULL
);

-- Further devices that ask to be added.
CREATE TABLE device_requests (
  request_id text PRIMARY KEY,
  user_id bytea NOT NULL,
  request bytea NOT NULL,
  at_ms bigint NOT NULL
);
CREATE INDEX device_requests_user ON device_requests (user_id, at_ms);
