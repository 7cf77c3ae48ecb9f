/* attrs.h - the attributes of an employee as Personio v1 names them, in the order in which they are
 * answered.
 *
 * Shape:  one table; a set of attributes is a 64-bit mask. `kind` says where a value comes from and
 *         how it is written.
 * Source: docs/wire-personio.md, attribute envelope and field map. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum attr_kind {
    KIND_ID,
    KIND_TEXT,
    KIND_DAY,
    KIND_INSTANT,
    KIND_STATUS,
    KIND_GENDER,
    KIND_EMPLOYMENT,
    KIND_SUPERVISOR,
    KIND_UNIT,
    KIND_COST,
    KIND_HOURS,
    KIND_PICTURE,
    KIND_MONEY,
    KIND_INTERVAL,
    KIND_CALENDAR,
    KIND_SCHEDULE,
    KIND_ABSENCE,
    KIND_TERMINATION_TYPE,
    KIND_VACATION,
    KIND_CUSTOM_DAY,
    KIND_CUSTOM_TAGS,
    KIND_CUSTOM_TEXT,
    KIND_CUSTOM_INTEGER,
    KIND_CUSTOM_DECIMAL,
};

enum attr {
    ATTR_ID,
    ATTR_FIRST_NAME,
    ATTR_LAST_NAME,
    ATTR_PREFERRED_NAME,
    ATTR_EMAIL,
    ATTR_GENDER,
    ATTR_STATUS,
    ATTR_POSITION,
    ATTR_SUPERVISOR,
    ATTR_EMPLOYMENT_TYPE,
    ATTR_HOURS,
    ATTR_HIRE_DATE,
    ATTR_CONTRACT_END,
    ATTR_TERMINATION_DATE,
    ATTR_TERMINATION_TYPE,
    ATTR_TERMINATION_REASON,
    ATTR_PROBATION_END,
    ATTR_LAST_DAY,
    ATTR_CREATED_AT,
    ATTR_MODIFIED_AT,
    ATTR_SUBCOMPANY,
    ATTR_OFFICE,
    ATTR_DEPARTMENT,
    ATTR_TEAM,
    ATTR_COST_CENTERS,
    ATTR_HOLIDAY_CALENDAR,
    ATTR_WORK_SCHEDULE,
    ATTR_ABSENCE,
    ATTR_VACATION_BALANCE,
    ATTR_FIX_SALARY,
    ATTR_FIX_SALARY_INTERVAL,
    ATTR_HOURLY_SALARY,
    ATTR_PICTURE,
    ATTR_LICENCE,
    ATTR_LANGUAGES,
    ATTR_NUMBER,
    ATTR_SHIFT,
    ATTR_LOCKER,
    ATTR_TRAVEL,
    ATTR_LINK,
    ATTR_NOTE,
    ATTR_IBAN,
    ATTR_BIRTH,
    ATTR_COUNT,
};

enum attr_class { CLASS_USUAL, CLASS_EXTRA, CLASS_SENSITIVE };

struct attr_row {
    const char *key, *label, *label_de, *type, *universal_id; /* universal_id NULL: null */
    enum attr_kind kind;
    enum attr_class class; /* a new credential reads what is usual, nothing else */
    const char *options;   /* comma separated; NULL: none */
};

extern const struct attr_row attr_rows[ATTR_COUNT];
#define ATTR_BIT(a) ((uint64_t)1 << (a))
#define ATTRS_ALL   (((uint64_t)1 << ATTR_COUNT) - 1)

uint64_t attrs_usual(void);
enum attr attr_find(const char *key, size_t len); /* ATTR_COUNT when there is no such key */
static inline bool attr_is_custom(enum attr a) {
    return a >= ATTR_LICENCE;
}
