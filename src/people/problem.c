#include "people/problem.h"

static const struct {
    const char *name, *sentence;
} words[PROBLEMS_N] = {
    [PROBLEM_NO_EMAIL] = { "no-email", "there is no work e-mail: enter one in HR" },
    [PROBLEM_BAD_EMAIL] = { "bad-email", "the work e-mail is no address: correct it in HR" },
    [PROBLEM_NO_FIRST_NAME] = { "no-first-name", "there is no first name: enter one in HR" },
    [PROBLEM_NO_LAST_NAME] = { "no-last-name", "there is no last name: enter one in HR" },
    [PROBLEM_UNKNOWN_STATUS] = { "unknown-status",
                                 "the employment status is none that we know: look at it in HR" },
    [PROBLEM_BAD_DATE] = { "bad-date", "a date is no calendar date: correct it in HR" },
    [PROBLEM_BAD_VALUE] = { "bad-value",
                            "a value is too long or of the wrong kind: look at it in HR" },
    [PROBLEM_ENDS_BEFORE_START] = { "ends-before-start",
                                    "the end date lies before the start date: correct one of them, or leave it if "
                                    "this is a rehire" },
    [PROBLEM_OWN_MANAGER] = { "own-manager",
                              "this person is entered as their own supervisor: correct it in HR" },
    [PROBLEM_FILTER_UNKNOWN] = { "filter-unknown",
                                 "a filter depends on something that HR did not send: make it readable, or "
                                 "change the filter" },
};

const char *problem_name(enum problem p) {
    return words[p].name;
}

const char *problem_sentence(enum problem p) {
    return words[p].sentence;
}

static uint64_t bit(enum problem p, bool is_so) {
    return is_so ? (uint64_t)1 << p : 0;
}

uint64_t problem_find(const struct employee *e, const struct user *u,
                      const struct mapping_outcome *outcome) {
    const uint32_t dates = 1u << EMPLOYEE_HIRE_DATE | 1u << EMPLOYEE_TERMINATION_DATE |
                           1u << EMPLOYEE_LAST_WORKING_DAY | 1u << EMPLOYEE_CONTRACT_END_DATE;
    struct text hire = u->fields[USER_HIRE_DATE], leave = u->fields[USER_LEAVE_DATE];
    return outcome->problems | bit(PROBLEM_BAD_DATE, (e->bad & dates) != 0) |
           bit(PROBLEM_BAD_VALUE,
               (e->bad & ~dates & ~(1u << EMPLOYEE_EMAIL)) != 0 || e->bad_custom != 0) |
           bit(PROBLEM_ENDS_BEFORE_START,
               hire.state == TEXT_SET && leave.state == TEXT_SET && text_compare(leave, hire) < 0) |
           bit(PROBLEM_OWN_MANAGER, u->fields[USER_MANAGER].state == TEXT_SET &&
                                        text_equal(u->fields[USER_MANAGER], e->source_id));
}
