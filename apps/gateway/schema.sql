CREATE TABLE case_file (
  space_id text NOT NULL,
  name text NOT NULL,
  patient jsonb NOT NULL,
  CONSTRAINT case_file_pkey PRIMARY KEY (space_id)
);
CREATE UNIQUE INDEX case_file_pkey ON case_file USING btree (space_id);

CREATE TABLE chart_link (
  space_id text NOT NULL,
  patient_id bigint NOT NULL,
  state text NOT NULL,
  announced boolean NOT NULL DEFAULT false,
  CONSTRAINT chart_link_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id),
  CONSTRAINT chart_link_pkey PRIMARY KEY (space_id, patient_id),
  CONSTRAINT chart_link_state_check CHECK ((state = ANY (ARRAY['suggested'::text, 'confirmed'::text, 'refused'::text])))
);
CREATE UNIQUE INDEX chart_link_pkey ON chart_link USING btree (space_id, patient_id);

CREATE TABLE chart_link_answer (
  id bigint NOT NULL,
  space_id text NOT NULL,
  patient_id bigint NOT NULL,
  state text NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  at_ms bigint NOT NULL,
  CONSTRAINT chart_link_answer_pkey PRIMARY KEY (id),
  CONSTRAINT chart_link_answer_space_id_patient_id_fkey FOREIGN KEY (space_id, patient_id) REFERENCES chart_link(space_id, patient_id),
  CONSTRAINT chart_link_answer_state_check CHECK ((state = ANY (ARRAY['suggested'::text, 'confirmed'::text, 'refused'::text])))
);
CREATE INDEX chart_link_answer__link ON chart_link_answer USING btree (space_id, patient_id, id);
CREATE UNIQUE INDEX chart_link_answer_pkey ON chart_link_answer USING btree (id);

CREATE TABLE client_store (
  tbl text NOT NULL,
  key text NOT NULL,
  value bytea NOT NULL,
  CONSTRAINT client_store_pkey PRIMARY KEY (tbl, key)
);
CREATE UNIQUE INDEX client_store_pkey ON client_store USING btree (tbl, key);

CREATE TABLE fhir_access_token (
  token_hash bytea NOT NULL,
  client_id text NOT NULL,
  scope text NOT NULL,
  expires_ms bigint NOT NULL,
  CONSTRAINT fhir_access_token_client_id_fkey FOREIGN KEY (client_id) REFERENCES fhir_client(id) ON DELETE CASCADE,
  CONSTRAINT fhir_access_token_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX fhir_access_token__client ON fhir_access_token USING btree (client_id);
CREATE INDEX fhir_access_token__expires ON fhir_access_token USING btree (expires_ms);
CREATE UNIQUE INDEX fhir_access_token_pkey ON fhir_access_token USING btree (token_hash);

CREATE TABLE fhir_assertion (
  client_id text NOT NULL,
  jti text NOT NULL,
  expires_ms bigint NOT NULL,
  CONSTRAINT fhir_assertion_client_id_fkey FOREIGN KEY (client_id) REFERENCES fhir_client(id) ON DELETE CASCADE,
  CONSTRAINT fhir_assertion_pkey PRIMARY KEY (client_id, jti)
);
CREATE INDEX fhir_assertion__expires ON fhir_assertion USING btree (expires_ms);
CREATE UNIQUE INDEX fhir_assertion_pkey ON fhir_assertion USING btree (client_id, jti);

CREATE TABLE fhir_client (
  id text NOT NULL,
  name text NOT NULL,
  jwks jsonb NOT NULL,
  scope text NOT NULL,
  hook_secret text,
  CONSTRAINT fhir_client_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX fhir_client_pkey ON fhir_client USING btree (id);

CREATE TABLE fhir_notification (
  id bigint NOT NULL,
  subscription_id text NOT NULL,
  event_number bigint NOT NULL,
  resource_type text NOT NULL,
  logical_id text NOT NULL,
  at_ms bigint NOT NULL,
  due_ms bigint NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  CONSTRAINT fhir_notification_pkey PRIMARY KEY (id),
  CONSTRAINT fhir_notification_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES fhir_subscription(logical_id) ON DELETE CASCADE
);
CREATE INDEX fhir_notification__due ON fhir_notification USING btree (due_ms, id);
CREATE INDEX fhir_notification__subscription ON fhir_notification USING btree (subscription_id);
CREATE UNIQUE INDEX fhir_notification_pkey ON fhir_notification USING btree (id);

CREATE TABLE fhir_resource (
  row_id bigint NOT NULL,
  resource_type text NOT NULL,
  logical_id text NOT NULL,
  scope text NOT NULL,
  source_key text NOT NULL,
  institution_id text NOT NULL,
  space_id text,
  compartment text,
  charts bigint[] NOT NULL DEFAULT '{}'::bigint[],
  system text NOT NULL,
  is_own boolean NOT NULL,
  is_deleted boolean NOT NULL DEFAULT false,
  is_renamed boolean NOT NULL DEFAULT false,
  version integer NOT NULL,
  last_updated_ms bigint NOT NULL,
  date_from_ms bigint NOT NULL,
  date_until_ms bigint NOT NULL,
  keys bigint[] NOT NULL,
  CONSTRAINT fhir_resource_pkey PRIMARY KEY (row_id),
  CONSTRAINT fhir_resource_resource_type_logical_id_key UNIQUE (resource_type, logical_id),
  CONSTRAINT fhir_resource_source_key_resource_type_scope_key UNIQUE (source_key, resource_type, scope)
);
CREATE INDEX fhir_resource__compartment ON fhir_resource USING btree (compartment, resource_type, date_from_ms, row_id) WHERE (NOT is_deleted);
CREATE INDEX fhir_resource__from ON fhir_resource USING btree (resource_type, date_from_ms, row_id) WHERE (NOT is_deleted);
CREATE INDEX fhir_resource__keys ON fhir_resource USING gin (keys) WITH (fastupdate=off) WHERE (NOT is_deleted);
CREATE INDEX fhir_resource__renamed ON fhir_resource USING btree (scope) WHERE is_renamed;
CREATE INDEX fhir_resource__until ON fhir_resource USING btree (resource_type, date_until_ms) WHERE (NOT is_deleted);
CREATE INDEX fhir_resource__updated ON fhir_resource USING btree (resource_type, last_updated_ms, row_id) WHERE (NOT is_deleted);
CREATE UNIQUE INDEX fhir_resource_pkey ON fhir_resource USING btree (row_id);
CREATE UNIQUE INDEX fhir_resource_resource_type_logical_id_key ON fhir_resource USING btree (resource_type, logical_id);
CREATE UNIQUE INDEX fhir_resource_source_key_resource_type_scope_key ON fhir_resource USING btree (source_key, resource_type, scope);

CREATE TABLE fhir_subscription (
  logical_id text NOT NULL,
  criteria text NOT NULL,
  endpoint text NOT NULL,
  payload text NOT NULL,
  headers jsonb NOT NULL DEFAULT '[]'::jsonb,
  end_ms bigint,
  client_id text,
  state text NOT NULL,
  events bigint NOT NULL DEFAULT 0,
  CONSTRAINT fhir_subscription_payload_check CHECK ((payload = ANY (ARRAY['empty'::text, 'id-only'::text]))),
  CONSTRAINT fhir_subscription_pkey PRIMARY KEY (logical_id),
  CONSTRAINT fhir_subscription_state_check CHECK ((state = ANY (ARRAY['active'::text, 'error'::text, 'off'::text])))
);
CREATE UNIQUE INDEX fhir_subscription_pkey ON fhir_subscription USING btree (logical_id);

CREATE TABLE fhir_unprojected (
  space_id text NOT NULL,
  entry_id text NOT NULL,
  position integer NOT NULL,
  resource_type text NOT NULL,
  institution text NOT NULL,
  received_ms bigint NOT NULL,
  effective_ms bigint,
  json text NOT NULL,
  CONSTRAINT fhir_unprojected_pkey PRIMARY KEY (space_id, entry_id, "position")
);
CREATE UNIQUE INDEX fhir_unprojected_pkey ON fhir_unprojected USING btree (space_id, entry_id, "position");

CREATE TABLE fhir_version (
  row_id bigint NOT NULL,
  version integer NOT NULL,
  space_id text,
  entry_id text,
  position integer,
  is_deleted boolean NOT NULL,
  last_updated_ms bigint NOT NULL,
  json text NOT NULL,
  CONSTRAINT fhir_version_pkey PRIMARY KEY (row_id, version),
  CONSTRAINT fhir_version_row_id_fkey FOREIGN KEY (row_id) REFERENCES fhir_resource(row_id)
);
CREATE UNIQUE INDEX fhir_version__entry ON fhir_version USING btree (space_id, entry_id, "position");
CREATE UNIQUE INDEX fhir_version_pkey ON fhir_version USING btree (row_id, version);

CREATE TABLE imaging_instance (
  sop text NOT NULL,
  study text NOT NULL,
  series text NOT NULL,
  modality text NOT NULL,
  sop_class text NOT NULL,
  transfer_syntax text NOT NULL,
  patient_id bigint NOT NULL,
  bytes_hash bytea NOT NULL,
  size bigint NOT NULL,
  file text NOT NULL,
  header text NOT NULL,
  received_ms bigint NOT NULL,
  state text NOT NULL,
  association text NOT NULL,
  pack_id bigint,
  CONSTRAINT imaging_instance_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id),
  CONSTRAINT imaging_instance_pkey PRIMARY KEY (sop),
  CONSTRAINT imaging_instance_state_check CHECK ((state = ANY (ARRAY['received'::text, 'packed'::text])))
);
CREATE INDEX imaging_instance__pack ON imaging_instance USING btree (pack_id) WHERE (pack_id IS NOT NULL);
CREATE INDEX imaging_instance__patient ON imaging_instance USING btree (patient_id);
CREATE INDEX imaging_instance__series ON imaging_instance USING btree (study, series);
CREATE INDEX imaging_instance__waiting ON imaging_instance USING btree (series) WHERE (state = 'received'::text);
CREATE UNIQUE INDEX imaging_instance_pkey ON imaging_instance USING btree (sop);

CREATE TABLE imaging_manifest (
  space_id text NOT NULL,
  entry_id text NOT NULL,
  comp_id text NOT NULL,
  n bigint NOT NULL,
  author text NOT NULL,
  institution text NOT NULL,
  received_ms bigint NOT NULL,
  body bytea NOT NULL,
  state text NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  next_try_ms bigint NOT NULL DEFAULT 0,
  CONSTRAINT imaging_manifest_pkey PRIMARY KEY (space_id, entry_id),
  CONSTRAINT imaging_manifest_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'read'::text, 'superseded'::text, 'retracted'::text])))
);
CREATE INDEX imaging_manifest__waiting ON imaging_manifest USING btree (next_try_ms) WHERE (state = 'waiting'::text);
CREATE UNIQUE INDEX imaging_manifest_pkey ON imaging_manifest USING btree (space_id, entry_id);

CREATE TABLE imaging_object (
  space_id text NOT NULL,
  author text NOT NULL,
  sop text NOT NULL,
  series text NOT NULL,
  study text NOT NULL,
  sop_class text NOT NULL,
  transfer_syntax text NOT NULL,
  number bigint NOT NULL,
  comp_id text NOT NULL,
  blob_id text NOT NULL,
  descriptor bytea NOT NULL,
  byte_offset bigint NOT NULL,
  byte_length bigint NOT NULL,
  frames jsonb NOT NULL,
  header text NOT NULL,
  CONSTRAINT imaging_object_pkey PRIMARY KEY (space_id, author, sop)
);
CREATE INDEX imaging_object__series ON imaging_object USING btree (study, series, number);
CREATE INDEX imaging_object__sop ON imaging_object USING btree (sop);
CREATE INDEX imaging_object__syntax ON imaging_object USING btree (sop_class, transfer_syntax);
CREATE UNIQUE INDEX imaging_object_pkey ON imaging_object USING btree (space_id, author, sop);

CREATE TABLE imaging_pack (
  id bigint NOT NULL,
  patient_id bigint NOT NULL,
  study text NOT NULL,
  series text NOT NULL,
  state text NOT NULL,
  closed_ms bigint NOT NULL,
  instances integer NOT NULL,
  descriptors bytea,
  CONSTRAINT imaging_pack_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id),
  CONSTRAINT imaging_pack_pkey PRIMARY KEY (id),
  CONSTRAINT imaging_pack_state_check CHECK ((state = ANY (ARRAY['closed'::text, 'uploaded'::text, 'announced'::text, 'refused'::text])))
);
CREATE INDEX imaging_pack__open ON imaging_pack USING btree (id) WHERE (state = ANY (ARRAY['closed'::text, 'uploaded'::text]));
CREATE INDEX imaging_pack__series ON imaging_pack USING btree (patient_id, series, id);
CREATE UNIQUE INDEX imaging_pack_pkey ON imaging_pack USING btree (id);

CREATE TABLE imaging_series (
  space_id text NOT NULL,
  author text NOT NULL,
  series text NOT NULL,
  study text NOT NULL,
  entry_id text NOT NULL,
  n bigint NOT NULL,
  institution text NOT NULL,
  modality text NOT NULL,
  patient_id text NOT NULL,
  patient_names text[] NOT NULL,
  patient_birth_date text NOT NULL,
  study_date text NOT NULL,
  study_time text NOT NULL,
  study_id text NOT NULL,
  study_description text NOT NULL,
  accession_number text NOT NULL,
  referring_names text[] NOT NULL,
  series_number text NOT NULL,
  series_description text NOT NULL,
  body_part text NOT NULL,
  header text NOT NULL,
  CONSTRAINT imaging_series_pkey PRIMARY KEY (space_id, author, series)
);
CREATE INDEX imaging_series__patient ON imaging_series USING btree (patient_id);
CREATE INDEX imaging_series__series ON imaging_series USING btree (series);
CREATE INDEX imaging_series__study ON imaging_series USING btree (study);
CREATE UNIQUE INDEX imaging_series_pkey ON imaging_series USING btree (space_id, author, series);

CREATE TABLE inbound (
  id bigint NOT NULL,
  protocol text NOT NULL,
  sender text NOT NULL,
  control_id text NOT NULL,
  received_ms bigint NOT NULL,
  media_type text NOT NULL,
  bytes bytea NOT NULL,
  state text NOT NULL,
  patient_id bigint,
  fragments jsonb NOT NULL DEFAULT '[]'::jsonb,
  reply bytea NOT NULL,
  CONSTRAINT inbound_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id),
  CONSTRAINT inbound_pkey PRIMARY KEY (id),
  CONSTRAINT inbound_protocol_sender_control_id_key UNIQUE (protocol, sender, control_id),
  CONSTRAINT inbound_state_check CHECK ((state = ANY (ARRAY['accepted'::text, 'sent'::text, 'quarantined'::text])))
);
CREATE INDEX inbound__waiting ON inbound USING btree (id) WHERE (state = 'accepted'::text);
CREATE UNIQUE INDEX inbound_pkey ON inbound USING btree (id);
CREATE UNIQUE INDEX inbound_protocol_sender_control_id_key ON inbound USING btree (protocol, sender, control_id);

CREATE TABLE invite (
  entry_id text NOT NULL,
  space_id text NOT NULL,
  org_id text NOT NULL,
  staff_id text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  needs_answer boolean NOT NULL,
  invited_by text NOT NULL,
  at_ms bigint NOT NULL,
  state text NOT NULL,
  user_id text,
  CONSTRAINT invite_pkey PRIMARY KEY (entry_id),
  CONSTRAINT invite_state_check CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'declined'::text, 'joined'::text])))
);
CREATE INDEX invite__staff ON invite USING btree (org_id, staff_id);
CREATE UNIQUE INDEX invite_pkey ON invite USING btree (entry_id);

CREATE TABLE patient (
  id bigint NOT NULL,
  name text NOT NULL,
  birth_date text,
  sex text,
  space_id text,
  CONSTRAINT patient_pkey PRIMARY KEY (id),
  CONSTRAINT patient_space_id_key UNIQUE (space_id)
);
CREATE UNIQUE INDEX patient_pkey ON patient USING btree (id);
CREATE UNIQUE INDEX patient_space_id_key ON patient USING btree (space_id);

CREATE TABLE patient_identifier (
  system text NOT NULL,
  value text NOT NULL,
  patient_id bigint NOT NULL,
  CONSTRAINT patient_identifier_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id),
  CONSTRAINT patient_identifier_pkey PRIMARY KEY (system, value)
);
CREATE INDEX patient_identifier__patient ON patient_identifier USING btree (patient_id);
CREATE UNIQUE INDEX patient_identifier_pkey ON patient_identifier USING btree (system, value);

CREATE TABLE quarantine (
  id bigint NOT NULL,
  received_ms bigint NOT NULL,
  source text NOT NULL,
  sender text NOT NULL,
  request text,
  media_type text NOT NULL,
  code text NOT NULL,
  place text NOT NULL,
  state text NOT NULL DEFAULT 'waiting'::text,
  pack_id bigint,
  bytes_hash bytea NOT NULL,
  CONSTRAINT quarantine_pack_id_fkey FOREIGN KEY (pack_id) REFERENCES imaging_pack(id),
  CONSTRAINT quarantine_pack_id_key UNIQUE (pack_id),
  CONSTRAINT quarantine_pkey PRIMARY KEY (id),
  CONSTRAINT quarantine_source_bytes_hash_key UNIQUE (source, bytes_hash),
  CONSTRAINT quarantine_source_check CHECK ((source = ANY (ARRAY['hl7v2'::text, 'dimse'::text, 'stow'::text, 'import'::text, 'fhir'::text, 'packer'::text]))),
  CONSTRAINT quarantine_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'replayed'::text, 'discarded'::text])))
);
CREATE INDEX quarantine__state ON quarantine USING btree (state, id);
CREATE UNIQUE INDEX quarantine_pack_id_key ON quarantine USING btree (pack_id);
CREATE UNIQUE INDEX quarantine_pkey ON quarantine USING btree (id);
CREATE UNIQUE INDEX quarantine_source_bytes_hash_key ON quarantine USING btree (source, bytes_hash);

CREATE TABLE quarantine_act (
  id bigint NOT NULL,
  quarantine_id bigint NOT NULL,
  at_ms bigint NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  act text NOT NULL,
  version integer,
  code text,
  note text,
  CONSTRAINT quarantine_act_act_check CHECK ((act = ANY (ARRAY['opened'::text, 'downloaded'::text, 'repaired'::text, 'replayed'::text, 'refused'::text, 'discarded'::text]))),
  CONSTRAINT quarantine_act_pkey PRIMARY KEY (id),
  CONSTRAINT quarantine_act_quarantine_id_fkey FOREIGN KEY (quarantine_id) REFERENCES quarantine(id)
);
CREATE INDEX quarantine_act__quarantine ON quarantine_act USING btree (quarantine_id, id);
CREATE UNIQUE INDEX quarantine_act_pkey ON quarantine_act USING btree (id);

CREATE TABLE quarantine_version (
  quarantine_id bigint NOT NULL,
  version integer NOT NULL,
  at_ms bigint NOT NULL,
  by_id text,
  by_name text,
  size bigint NOT NULL,
  bytes bytea,
  file text,
  CONSTRAINT quarantine_version_check CHECK ((num_nonnulls(bytes, file) = 1)),
  CONSTRAINT quarantine_version_pkey PRIMARY KEY (quarantine_id, version),
  CONSTRAINT quarantine_version_quarantine_id_fkey FOREIGN KEY (quarantine_id) REFERENCES quarantine(id),
  CONSTRAINT quarantine_version_version_check CHECK ((version > 0))
);
CREATE UNIQUE INDEX quarantine_version_pkey ON quarantine_version USING btree (quarantine_id, version);

CREATE TABLE share (
  patient_id bigint NOT NULL,
  user_id text NOT NULL,
  CONSTRAINT share_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id),
  CONSTRAINT share_pkey PRIMARY KEY (patient_id, user_id)
);
CREATE UNIQUE INDEX share_pkey ON share USING btree (patient_id, user_id);

CREATE TABLE staff (
  login text NOT NULL,
  staff_id text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  specialty text,
  password_hash text NOT NULL,
  totp_secret text NOT NULL,
  totp_step bigint NOT NULL DEFAULT 0,
  user_id text,
  CONSTRAINT staff_pkey PRIMARY KEY (login),
  CONSTRAINT staff_staff_id_key UNIQUE (staff_id)
);
CREATE UNIQUE INDEX staff_pkey ON staff USING btree (login);
CREATE UNIQUE INDEX staff_staff_id_key ON staff USING btree (staff_id);
