#include "store/nobody.h"

#include "json/json.h"

#define HAS_NOT_ENDED "('listing', 'checking', 'passed', 'held', 'previewed')"

static const char stated[] =
    "SELECT COUNT(*) FROM \"user\" WHERE company_id = $1 AND email = $2"
    " AND (has_left = 0 OR presence = 'missing')"; /* who may turn out to be employed */
static const char staged[] =
    "SELECT COUNT(*) FROM run AS r JOIN version AS v ON v.company_id = r.company_id"
    " AND v.run_id = r.run_id WHERE r.company_id = $1 AND r.state IN " HAS_NOT_ENDED
    " AND v.email = $2 AND v.has_left = 0 AND v.left_out = 0";
static const char asked[] =
    "SELECT COUNT(*) FROM account WHERE company_id = $1 AND destination_id = $2"
    " AND approval IS NOT NULL AND approves = $3";
static const char adoptions[] =
    "SELECT e.plan FROM run AS r JOIN effect AS e ON e.company_id = r.company_id"
    " AND e.run_id = r.run_id WHERE r.company_id = $1 AND r.destination_id = $2"
    " AND r.state IN " HAS_NOT_ENDED " AND e.verb = 'adopt' AND e.state IN ('planned', 'unsure')";

static enum rc_code is_planned(struct store *st, int64_t company_id, int64_t destination_id,
                               struct text remote_id, bool *ret, struct rc_error *err) {
    struct db_statement *rows;
    struct text links, plan;
    json doc;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, adoptions, "ii", company_id, destination_id);
    *ret = false;
    if (rc != RC_OK)
        return rc;
    while (!*ret && (rc = db_step(rows, &row, err)) == RC_OK && row) {
        plan = db_text(rows, 0);
        if ((rc = json_parse_copy(st->reader, plan.ptr, plan.len, &doc, err)) != RC_OK ||
            (rc = json_text(doc, "links", "plan", &links, err)) != RC_OK)
            break;
        *ret = text_equal(links, remote_id);
    }
    db_reset(rows);
    return rc;
}

enum rc_code nobody_ask(struct store *st, int64_t company_id, int64_t destination_id,
                        struct text remote_id, struct text email, enum nobody_may_be *ret,
                        struct rc_error *err) {
    int64_t by_directory = 0, by_runs = 0, by_questions = 0;
    bool planned = false;
    enum rc_code rc;
    if (email.state == TEXT_SET &&
        ((rc = store_number(st, &by_directory, err, stated, "it", company_id, email)) != RC_OK ||
         (rc = store_number(st, &by_runs, err, staged, "it", company_id, email)) != RC_OK))
        return rc;
    if ((rc = store_number(st, &by_questions, err, asked, "iit", company_id, destination_id,
                           remote_id)) != RC_OK ||
        (rc = is_planned(st, company_id, destination_id, remote_id, &planned, err)) != RC_OK)
        return rc;
    *ret = by_directory > 0   ? NOBODY_STATED
           : by_runs > 0      ? NOBODY_STAGED
           : by_questions > 0 ? NOBODY_ASKED
           : planned          ? NOBODY_PLANNED
                              : NOBODY_AT_ALL;
    return RC_OK;
}
