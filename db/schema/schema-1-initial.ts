/**
 * Schema version 1. Times are milliseconds since 1970 (`_ms`). JSON columns keep NaN and infinities as strings;
 * ANY columns keep a number, or the text 'NaN' (SQLite itself would store NaN as NULL).
 */
export const initialSchema = `
CREATE TABLE study (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  config TEXT NOT NULL,
  config_hash TEXT NOT NULL,
  guideline_hash TEXT NOT NULL,
  directory TEXT NOT NULL,
  workers INTEGER NOT NULL CHECK (workers >= 1),
  epochs INTEGER NOT NULL CHECK (epochs >= 1),
  simulated INTEGER NOT NULL DEFAULT 0 CHECK (simulated IN (0, 1)),
  versions TEXT NOT NULL,
  outcome TEXT CHECK (outcome IN ('noLoss', 'exhausted', 'budgetSpent', 'cancelled', 'failed')),
  reason TEXT,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  ended_ms INTEGER
) STRICT;

CREATE TABLE event (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  study_id TEXT NOT NULL REFERENCES study (id),
  type TEXT NOT NULL,
  run_key TEXT,
  payload TEXT NOT NULL,
  time_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX event_of_study ON event (study_id, sequence);
CREATE INDEX event_of_type ON event (study_id, type, sequence);
-- A run's result is said once. (A failed run may be tried again when the study is reopened.)
CREATE UNIQUE INDEX event_result ON event (study_id, run_key)
  WHERE type IN ('run.finished', 'run.diverged');

CREATE TABLE iteration (
  study_id TEXT NOT NULL REFERENCES study (id),
  number INTEGER NOT NULL CHECK (number >= 0),
  action TEXT NOT NULL,
  parent INTEGER,
  setting TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (study_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
  id TEXT PRIMARY KEY,
  study_id TEXT NOT NULL REFERENCES study (id),
  key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('baseline', 'iteration', 'validation')),
  iteration INTEGER,
  repeat INTEGER NOT NULL CHECK (repeat >= 1),
  workers INTEGER NOT NULL CHECK (workers >= 1),
  seed INTEGER NOT NULL,
  setting TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('trained', 'given', 'told', 'imported')),
  simulated INTEGER NOT NULL DEFAULT 0 CHECK (simulated IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN ('pending', 'running', 'finished', 'diverged', 'failed', 'stopped')),
  reason TEXT,
  metrics TEXT,
  created_ms INTEGER NOT NULL,
  started_ms INTEGER,
  ended_ms INTEGER,
  UNIQUE (study_id, key)
) STRICT;
CREATE INDEX run_of_iteration ON run (study_id, iteration, repeat);

CREATE TABLE attempt (
  name TEXT PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES run (id),
  number INTEGER NOT NULL CHECK (number >= 1),
  launcher TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('intended', 'running', 'ended')),
  handle TEXT,
  resume_from TEXT,
  capabilities TEXT,
  environment TEXT,
  exit_reason TEXT,
  exit_message TEXT,
  created_ms INTEGER NOT NULL,
  started_ms INTEGER,
  ended_ms INTEGER,
  UNIQUE (run_id, number)
) STRICT;

CREATE TABLE epoch (
  run_id TEXT NOT NULL REFERENCES run (id),
  epoch INTEGER NOT NULL CHECK (epoch >= 1),
  attempt INTEGER NOT NULL,
  phase TEXT,
  lr ANY,
  loss ANY,
  metrics TEXT,
  step INTEGER,
  seconds REAL,
  time_ms INTEGER NOT NULL,
  PRIMARY KEY (run_id, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE evaluation (
  run_id TEXT NOT NULL REFERENCES run (id),
  attempt INTEGER NOT NULL,
  split TEXT NOT NULL,
  metrics TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  PRIMARY KEY (run_id, attempt, split)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
  study_id TEXT NOT NULL REFERENCES study (id),
  sequence INTEGER NOT NULL CHECK (sequence >= 1),
  iteration INTEGER,
  verdict TEXT NOT NULL,
  rule TEXT NOT NULL,
  observed TEXT NOT NULL,
  next TEXT NOT NULL,
  setting_before TEXT,
  setting_after TEXT,
  guideline_hash TEXT NOT NULL,
  reason TEXT NOT NULL,
  event_sequence INTEGER NOT NULL REFERENCES event (sequence),
  time_ms INTEGER NOT NULL,
  PRIMARY KEY (study_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX decision_of_iteration ON decision (study_id, iteration);

CREATE TABLE system_sample (
  run_id TEXT NOT NULL REFERENCES run (id),
  time_ms INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  cpu_percent REAL,
  memory_bytes INTEGER,
  steps_per_second REAL,
  network_receive_bytes INTEGER,
  network_transmit_bytes INTEGER,
  gpu_percent REAL,
  gpu_memory_bytes INTEGER,
  PRIMARY KEY (run_id, time_ms, rank)
) STRICT, WITHOUT ROWID;

CREATE TABLE artifact (
  id INTEGER PRIMARY KEY,
  study_id TEXT NOT NULL REFERENCES study (id),
  run_id TEXT REFERENCES run (id),
  kind TEXT NOT NULL,
  path TEXT NOT NULL,
  detail TEXT,
  time_ms INTEGER NOT NULL,
  UNIQUE (study_id, kind, path)
) STRICT;
CREATE INDEX artifact_of_run ON artifact (run_id, kind);

CREATE TABLE model (
  name TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  run_id TEXT REFERENCES run (id),
  path TEXT NOT NULL,
  hash TEXT NOT NULL,
  metrics TEXT NOT NULL,
  manifest TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE note (
  id INTEGER PRIMARY KEY,
  study_id TEXT NOT NULL REFERENCES study (id),
  run_key TEXT,
  text TEXT NOT NULL,
  time_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX note_of_study ON note (study_id, time_ms);

CREATE TABLE lease (
  study_id TEXT PRIMARY KEY REFERENCES study (id),
  token TEXT NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  process_start TEXT NOT NULL,
  boot_id TEXT NOT NULL,
  renewed_ms INTEGER NOT NULL
) STRICT;
`;
