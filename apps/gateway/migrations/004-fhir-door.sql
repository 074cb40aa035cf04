-- purpose: the FHIR door writes, keeps versions, searches by index, notifies subscribers and knows client programs
-- locks: renames fhir_resource and drops fhir_token; both are the door's own copy, small and read by nobody else

-- What was opened before this door: the gateway files it again at its next start, row by row, and empties the table.
DROP TABLE fhir_token;
ALTER TABLE fhir_resource RENAME TO fhir_unprojected;
ALTER TABLE fhir_unprojected RENAME CONSTRAINT fhir_resource_pkey TO fhir_unprojected_pkey;
DROP INDEX fhir_resource__type;

-- One logical resource as it stands now; what it said, version by version, is in fhir_version.
CREATE TABLE fhir_resource (
  row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  resource_type text NOT NULL,
  -- Under which it is served here.
  logical_id text COLLATE "C" NOT NULL,
  -- Within which source_key names one thing: an institution for what its door made; one sender in one chart for all else.
  scope text NOT NULL,
  source_key text NOT NULL,
  institution_id text NOT NULL,
  -- The chart it came in; of what this institution wrote, absent until it is sealed.
  space_id text,
  -- Whose record it is part of: an own patient (p:…) or a foreign chart (s:…); absent for what is about nobody.
  compartment text,
  -- Own patients into whose charts it was deposited: a later version goes there too.
  charts bigint[] NOT NULL DEFAULT '{}',
  -- The system that sent it first: a later version is the same thing only under the same name.
  system text NOT NULL,
  is_own boolean NOT NULL,
  is_deleted boolean NOT NULL DEFAULT false,
  -- Served under another id than its source calls it.
  is_renamed boolean NOT NULL DEFAULT false,
  version integer NOT NULL,
  last_updated_ms bigint NOT NULL,
  -- The period of its clinical date; both -9e15 when it names none, so that every order is total.
  date_from_ms bigint NOT NULL,
  date_until_ms bigint NOT NULL,
  -- What can be searched by value: the first eight bytes of the hash of type, parameter and value.
  keys bigint[] NOT NULL,
  UNIQUE (resource_type, logical_id),
  UNIQUE (source_key, resource_type, scope)
);
CREATE INDEX fhir_resource__keys ON fhir_resource USING gin (keys) WITH (fastupdate = off) WHERE NOT is_deleted;
CREATE INDEX fhir_resource__from ON fhir_resource (resource_type, date_from_ms, row_id) WHERE NOT is_deleted;
CREATE INDEX fhir_resource__until ON fhir_resource (resource_type, date_until_ms) WHERE NOT is_deleted;
CREATE INDEX fhir_resource__updated ON fhir_resource (resource_type, last_updated_ms, row_id) WHERE NOT is_deleted;
CREATE INDEX fhir_resource__compartment ON fhir_resource (compartment, resource_type, date_from_ms, row_id) WHERE NOT is_deleted;
CREATE INDEX fhir_resource__renamed ON fhir_resource (scope) WHERE is_renamed;

CREATE TABLE fhir_version (
  row_id bigint NOT NULL REFERENCES fhir_resource (row_id),
  version integer NOT NULL,
  -- Where it lies sealed; absent until then, and for ever for what stays at this gateway alone.
  space_id text,
  entry_id text,
  position integer,
  is_deleted boolean NOT NULL,
  last_updated_ms bigint NOT NULL,
  -- As deposited, byte for byte.
  json text NOT NULL,
  PRIMARY KEY (row_id, version)
);
CREATE UNIQUE INDEX fhir_version__entry ON fhir_version (space_id, entry_id, position);

-- Subscriptions by REST hook; the Subscription resource itself is in fhir_resource, at this gateway alone.
CREATE TABLE fhir_subscription (
  logical_id text PRIMARY KEY,
  criteria text NOT NULL,
  endpoint text NOT NULL,
  payload text NOT NULL CHECK (payload IN ('empty', 'id-only')),
  headers jsonb NOT NULL DEFAULT '[]',
  end_ms bigint,
  client_id text,
  -- active · error (tried often, still trying) · off
  state text NOT NULL CHECK (state IN ('active', 'error', 'off')),
  events bigint NOT NULL DEFAULT 0
);

-- What a subscriber is still to be told; gone when it has answered with success.
CREATE TABLE fhir_notification (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subscription_id text NOT NULL REFERENCES fhir_subscription (logical_id) ON DELETE CASCADE,
  event_number bigint NOT NULL,
  resource_type text NOT NULL,
  logical_id text NOT NULL,
  at_ms bigint NOT NULL,
  due_ms bigint NOT NULL,
  attempts integer NOT NULL DEFAULT 0
);
CREATE INDEX fhir_notification__due ON fhir_notification (due_ms, id);
CREATE INDEX fhir_notification__subscription ON fhir_notification (subscription_id);

-- Client programs of the institution that prove themselves by a key (SMART backend services).
CREATE TABLE fhir_client (
  id text PRIMARY KEY,
  name text NOT NULL,
  jwks jsonb NOT NULL,
  scope text NOT NULL,
  -- With which the bodies sent to its hooks are authenticated.
  hook_secret text
);

-- Assertions that were used: each is good once.
CREATE TABLE fhir_assertion (
  client_id text NOT NULL REFERENCES fhir_client (id) ON DELETE CASCADE,
  jti text NOT NULL,
  expires_ms bigint NOT NULL,
  PRIMARY KEY (client_id, jti)
);
CREATE INDEX fhir_assertion__expires ON fhir_assertion (expires_ms);

CREATE TABLE fhir_access_token (
  token_hash bytea PRIMARY KEY,
  client_id text NOT NULL REFERENCES fhir_client (id) ON DELETE CASCADE,
  scope text NOT NULL,
  expires_ms bigint NOT NULL
);
CREATE INDEX fhir_access_token__client ON fhir_access_token (client_id);
CREATE INDEX fhir_access_token__expires ON fhir_access_token (expires_ms);
