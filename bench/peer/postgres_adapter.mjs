// oidc-provider's storage on PostgreSQL, as its adapter contract asks for it: one table, one statement a call, prepared
// and pooled, an index for each way it is looked up. What has expired is not found; nothing is swept here.

import pg from 'pg';

export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS payloads (
    model text NOT NULL, id text NOT NULL, payload jsonb NOT NULL,
    grant_id text, uid text, user_code text, expires_at timestamptz, consumed_at bigint,
    PRIMARY KEY (model, id)
  );
  CREATE INDEX IF NOT EXISTS payloads_grant ON payloads (grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS payloads_uid ON payloads (uid) WHERE uid IS NOT NULL;
  CREATE INDEX IF NOT EXISTS payloads_user_code ON payloads (user_code) WHERE user_code IS NOT NULL;
`;
const COLUMNS = 'payload, consumed_at FROM payloads';
const LIVE = '(expires_at IS NULL OR expires_at > now())';
const STATEMENTS = {
  upsert: `INSERT INTO payloads (model, id, payload, grant_id, uid, user_code, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
           ON CONFLICT (model, id) DO UPDATE SET payload = EXCLUDED.payload, grant_id = EXCLUDED.grant_id,
             uid = EXCLUDED.uid, user_code = EXCLUDED.user_code, expires_at = EXCLUDED.expires_at`,
  find: `SELECT ${COLUMNS} WHERE model = $1 AND id = $2 AND ${LIVE}`,
  findByUid: `SELECT ${COLUMNS} WHERE model = $1 AND uid = $2 AND ${LIVE}`,
  findByUserCode: `SELECT ${COLUMNS} WHERE model = $1 AND user_code = $2 AND ${LIVE}`,
  consume: 'UPDATE payloads SET consumed_at = $3 WHERE model = $1 AND id = $2',
  destroy: 'DELETE FROM payloads WHERE model = $1 AND id = $2',
  revoke: 'DELETE FROM payloads WHERE model = $1 AND grant_id = $2',
};

export function postgresAdapter(url) {
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  const run = (name, values) => pool.query({ name, text: STATEMENTS[name], values });
  const one = async (name, values) => {
    const { rows: [row] } = await run(name, values);
    return row && (row.consumed_at === null ? row.payload : { ...row.payload, consumed: Number(row.consumed_at) });
  };
  return class PostgresAdapter {
    constructor(model) { this.model = model; }

    async upsert(id, payload, expiresIn) {
      await run('upsert', [
        this.model, id, payload, payload.grantId ?? null, payload.uid ?? null, payload.userCode ?? null, expiresIn ?? null,
      ]);
    }

    find(id) { return one('find', [this.model, id]); }

    findByUid(uid) { return one('findByUid', [this.model, uid]); }

    findByUserCode(userCode) { return one('findByUserCode', [this.model, userCode]); }

    async consume(id) { await run('consume', [this.model, id, Math.floor(Date.now() / 1000)]); }

    async destroy(id) { await run('destroy', [this.model, id]); }

    async revokeByGrantId(grantId) { await run('revoke', [this.model, grantId]); }
  };
}

export async function createSchema(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(SCHEMA);
  await client.end();
}
