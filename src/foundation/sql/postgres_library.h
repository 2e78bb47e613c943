// The functions of libpq that are used, found when the first PostgreSQL database is opened: a program that only knows
// SQLite neither loads nor needs the library. Used by postgres_connection.
#pragma once

#include <libpq-fe.h>

namespace slipway::sql {

class PostgresLibrary {
 public:
  // Throws failed_precondition when libpq is not installed.
  PostgresLibrary();
  PostgresLibrary(const PostgresLibrary&) = delete;
  PostgresLibrary& operator=(const PostgresLibrary&) = delete;

 private:
  template <typename Function>
  Function find(const char* name);

  // First: the members below are looked up in it. Never closed, since exit handlers of the library stay registered.
  void* handle_;

 public:
  // Named as in libpq's manual without the prefix PQ.
  const decltype(&::PQconnectdbParams) connectdb_params;
  const decltype(&::PQstatus) status;
  const decltype(&::PQfinish) finish;
  const decltype(&::PQerrorMessage) error_message;
  const decltype(&::PQsetNoticeProcessor) set_notice_processor;
  const decltype(&::PQexec) exec;
  const decltype(&::PQprepare) prepare;
  const decltype(&::PQexecPrepared) exec_prepared;
  const decltype(&::PQresultStatus) result_status;
  const decltype(&::PQresultErrorField) result_error_field;
  const decltype(&::PQcmdTuples) cmd_tuples;
  const decltype(&::PQntuples) ntuples;
  const decltype(&::PQnfields) nfields;
  const decltype(&::PQftype) ftype;
  const decltype(&::PQgetisnull) getisnull;
  const decltype(&::PQgetvalue) getvalue;
  const decltype(&::PQgetlength) getlength;
  const decltype(&::PQclear) clear;
};

}  // namespace slipway::sql
