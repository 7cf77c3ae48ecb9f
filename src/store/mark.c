#include "store/mark.h"

enum rc_code mark_of_people(struct store *st, int64_t company_id, struct mark *ret,
                            struct rc_error *err) {
    static const char sql[] =
        "SELECT COALESCE(MAX(last), 0), COALESCE(SUM(n), 0), COUNT(*), COALESCE(SUM(listed_at), 0),"
        " (SELECT COALESCE(MAX(e.erasure_id), 0) FROM erasure AS e WHERE e.company_id = $1)"
        " FROM (SELECT i.listed_at,"
        "  (SELECT MAX(r.applied_at) FROM run AS r WHERE r.company_id = i.company_id"
        "   AND r.subject_id = i.integration_id) AS last,"
        "  (SELECT COUNT(r.applied_at) FROM run AS r WHERE r.company_id = i.company_id"
        "   AND r.subject_id = i.integration_id AND r.applied_at IS NOT NULL) AS n"
        "  FROM integration AS i WHERE i.company_id = $1) AS each_one";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "i", company_id);
    if (rc != RC_OK)
        return rc;
    *ret = (struct mark){ .applied_us = db_int(row, 0),
                          .applied_n = db_int(row, 1),
                          .integrations_n = db_int(row, 2),
                          .listed_us = db_int(row, 3),
                          .erasure_id = db_int(row, 4) };
    db_reset(row);
    return RC_OK;
}
