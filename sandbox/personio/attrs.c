#include "sandbox/personio/attrs.h"
#include <string.h>

#define LANGUAGES "German,English,Polish,Turkish,Ukrainian,Spanish"
#define SHIFTS    "early,late,night,flexible"

const struct attr_row attr_rows[ATTR_COUNT] = {
    [ATTR_ID] = { "id", "ID", "ID", "integer", "id", KIND_ID, CLASS_USUAL, NULL },
    [ATTR_FIRST_NAME] = { "first_name", "First name", "Vorname", "standard", "first_name",
                          KIND_TEXT, CLASS_USUAL, NULL },
    [ATTR_LAST_NAME] = { "last_name", "Last name", "Nachname", "standard", "last_name", KIND_TEXT,
                         CLASS_USUAL, NULL },
    [ATTR_PREFERRED_NAME] = { "preferred_name", "Name (preferred)", "Bevorzugter Name", "standard",
                              "preferred_name", KIND_TEXT, CLASS_USUAL, NULL },
    [ATTR_EMAIL] = { "email", "Email", "E-Mail", "standard", "email", KIND_TEXT, CLASS_USUAL,
                     NULL },
    [ATTR_GENDER] = { "gender", "Gender", "Geschlecht", "standard", "gender", KIND_GENDER,
                      CLASS_EXTRA, NULL },
    [ATTR_STATUS] = { "status", "Status", "Status", "standard", "status", KIND_STATUS, CLASS_USUAL,
                      NULL },
    [ATTR_POSITION] = { "position", "Position", "Position", "standard", "position", KIND_TEXT,
                        CLASS_USUAL, NULL },
    [ATTR_SUPERVISOR] = { "supervisor", "Supervisor", "Vorgesetzte/r", "standard", "supervisor",
                          KIND_SUPERVISOR, CLASS_USUAL, NULL },
    [ATTR_EMPLOYMENT_TYPE] = { "employment_type", "Employment type", "Anstellungsart", "standard",
                               "employment_type", KIND_EMPLOYMENT, CLASS_USUAL, NULL },
    [ATTR_HOURS] = { "weekly_working_hours", "Weekly hours", "Wochenstunden", "standard",
                     "weekly_working_hours", KIND_HOURS, CLASS_USUAL, NULL },
    [ATTR_HIRE_DATE] = { "hire_date", "Hire date", "Einstellungsdatum", "date", "hire_date",
                         KIND_DAY, CLASS_USUAL, NULL },
    [ATTR_CONTRACT_END] = { "contract_end_date", "Contract ends", "Vertragsende", "date",
                            "contract_end_date", KIND_DAY, CLASS_USUAL, NULL },
    [ATTR_TERMINATION_DATE] = { "termination_date", "Termination date", "Kündigungsdatum", "date",
                                "termination_date", KIND_DAY, CLASS_USUAL, NULL },
    [ATTR_TERMINATION_TYPE] = { "termination_type", "Termination type", "Kündigungsart", "standard",
                                "termination_type", KIND_TERMINATION_TYPE, CLASS_EXTRA, NULL },
    [ATTR_TERMINATION_REASON] = { "termination_reason", "Termination reason", "Kündigungsgrund",
                                  "standard", "termination_reason", KIND_TEXT, CLASS_EXTRA, NULL },
    [ATTR_PROBATION_END] = { "probation_period_end", "Probation period end", "Probezeitende",
                             "date", "probation_period_end", KIND_DAY, CLASS_EXTRA, NULL },
    [ATTR_LAST_DAY] = { "last_working_day", "Last day of work", "Letzter Arbeitstag", "date",
                        "last_working_day", KIND_DAY, CLASS_USUAL, NULL },
    [ATTR_CREATED_AT] = { "created_at", "created_at", "Erstellt am", "date", "created_at",
                          KIND_INSTANT, CLASS_EXTRA, NULL },
    [ATTR_MODIFIED_AT] = { "last_modified_at", "Last modified", "Zuletzt geändert", "date",
                           "last_modified_at", KIND_INSTANT, CLASS_USUAL, NULL },
    [ATTR_SUBCOMPANY] = { "subcompany", "Subcompany", "Gesellschaft", "standard", "subcompany",
                          KIND_UNIT, CLASS_USUAL, NULL },
    [ATTR_OFFICE] = { "office", "Office", "Büro", "standard", "office", KIND_UNIT, CLASS_USUAL,
                      NULL },
    [ATTR_DEPARTMENT] = { "department", "Department", "Abteilung", "standard", "department",
                          KIND_UNIT, CLASS_USUAL, NULL },
    [ATTR_TEAM] = { "team", "Team", "Team", "standard", "team", KIND_UNIT, CLASS_USUAL, NULL },
    [ATTR_COST_CENTERS] = { "cost_centers", "Cost center", "Kostenstelle", "standard",
                            "cost_centers", KIND_COST, CLASS_USUAL, NULL },
    [ATTR_HOLIDAY_CALENDAR] = { "holiday_calendar", "Public holidays", "Feiertagskalender",
                                "standard", "holiday_calendar", KIND_CALENDAR, CLASS_EXTRA, NULL },
    [ATTR_WORK_SCHEDULE] = { "work_schedule", "Work schedule", "Arbeitszeitmodell", "standard",
                             "work_schedule", KIND_SCHEDULE, CLASS_EXTRA, NULL },
    [ATTR_ABSENCE] = { "absence_entitlement", "Absence entitlement", "Abwesenheitsanspruch",
                       "standard", "absence_entitlement", KIND_ABSENCE, CLASS_EXTRA, NULL },
    [ATTR_VACATION_BALANCE] = { "vacation_day_balance", "Vacation day balance", "Resturlaub",
                                "decimal", "vacation_day_balance", KIND_VACATION, CLASS_EXTRA,
                                NULL },
    [ATTR_FIX_SALARY] = { "fix_salary", "Fix salary", "Festgehalt", "decimal", "fix_salary",
                          KIND_MONEY, CLASS_SENSITIVE, NULL },
    [ATTR_FIX_SALARY_INTERVAL] = { "fix_salary_interval", "Salary interval", "Gehaltsintervall",
                                   "standard", "fix_salary_interval", KIND_INTERVAL,
                                   CLASS_SENSITIVE, NULL },
    [ATTR_HOURLY_SALARY] = { "hourly_salary", "Hourly salary", "Stundenlohn", "decimal",
                             "hourly_salary", KIND_MONEY, CLASS_SENSITIVE, NULL },
    [ATTR_PICTURE] = { "profile_picture", "Profile Picture", "Profilbild", "standard",
                       "profile_picture", KIND_PICTURE, CLASS_USUAL, NULL },
    [ATTR_LICENCE] = { "dynamic_204811", "Forklift licence until", "Staplerschein bis", "date",
                       NULL, KIND_CUSTOM_DAY, CLASS_USUAL, NULL },
    [ATTR_LANGUAGES] = { "dynamic_204812", "Languages", "Sprachen", "tags", NULL, KIND_CUSTOM_TAGS,
                         CLASS_USUAL, LANGUAGES },
    [ATTR_NUMBER] = { "dynamic_204813", "Personnel number", "Personalnummer", "standard", NULL,
                      KIND_CUSTOM_TEXT, CLASS_USUAL, NULL },
    [ATTR_SHIFT] = { "dynamic_204820", "Shift model", "Schichtmodell", "list", NULL,
                     KIND_CUSTOM_TEXT, CLASS_USUAL, SHIFTS },
    [ATTR_LOCKER] = { "dynamic_204821", "Locker", "Spind", "integer", NULL, KIND_CUSTOM_INTEGER,
                      CLASS_USUAL, NULL },
    [ATTR_TRAVEL] = { "dynamic_204822", "Travel share", "Reiseanteil", "decimal", NULL,
                      KIND_CUSTOM_DECIMAL, CLASS_USUAL, NULL },
    [ATTR_LINK] = { "dynamic_204823", "Intranet page", "Intranetseite", "link", NULL,
                    KIND_CUSTOM_TEXT, CLASS_USUAL, NULL },
    [ATTR_NOTE] = { "dynamic_204824", "Notes", "Notizen", "multiline", NULL, KIND_CUSTOM_TEXT,
                    CLASS_USUAL, NULL },
    [ATTR_IBAN] = { "dynamic_204830", "IBAN", "IBAN", "standard", "iban", KIND_CUSTOM_TEXT,
                    CLASS_SENSITIVE, NULL },
    [ATTR_BIRTH] = { "dynamic_204831", "Birthday", "Geburtsdatum", "date", "date_of_birth",
                     KIND_CUSTOM_DAY, CLASS_SENSITIVE, NULL },
};

uint64_t attrs_usual(void) {
    uint64_t mask = 0;
    for (unsigned a = 0; a < ATTR_COUNT; a++)
        if (attr_rows[a].class == CLASS_USUAL)
            mask |= ATTR_BIT(a);
    return mask;
}

enum attr attr_find(const char *key, size_t len) {
    for (unsigned a = 0; a < ATTR_COUNT; a++)
        if (strlen(attr_rows[a].key) == len && memcmp(attr_rows[a].key, key, len) == 0)
            return (enum attr)a;
    return ATTR_COUNT;
}
