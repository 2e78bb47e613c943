#include "foundation/sql/postgres_library.h"

#include <dlfcn.h>

#include "foundation/base/error.h"

namespace slipway::sql {

namespace {

void* open_library() {
  if (void* handle = ::dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL)) return handle;
  throw failed_precondition("PostgreSQL's client library cannot be opened: ", std::string_view(::dlerror()),
                            "; install it (Debian: apt-get install libpq5) or use a sqlite database");
}

}  // namespace

template <typename Function>
Function PostgresLibrary::find(const char* name) {
  void* symbol = ::dlsym(handle_, name);
  if (symbol == nullptr) throw failed_precondition("libpq.so.5 lacks ", name, "; install a newer libpq");
  return reinterpret_cast<Function>(symbol);
}

PostgresLibrary::PostgresLibrary()
    : handle_(open_library()),
      connectdb_params(find<decltype(connectdb_params)>("PQconnectdbParams")),
      status(find<decltype(status)>("PQstatus")),
      finish(find<decltype(finish)>("PQfinish")),
      error_message(find<decltype(error_message)>("PQerrorMessage")),
      set_notice_processor(find<decltype(set_notice_processor)>("PQsetNoticeProcessor")),
      exec(find<decltype(exec)>("PQexec")),
      prepare(find<decltype(prepare)>("PQprepare")),
      exec_prepared(find<decltype(exec_prepared)>("PQexecPrepared")),
      result_status(find<decltype(result_status)>("PQresultStatus")),
      result_error_field(find<decltype(result_error_field)>("PQresultErrorField")),
      cmd_tuples(find<decltype(cmd_tuples)>("PQcmdTuples")),
      ntuples(find<decltype(ntuples)>("PQntuples")),
      nfields(find<decltype(nfields)>("PQnfields")),
      ftype(find<decltype(ftype)>("PQftype")),
      getisnull(find<decltype(getisnull)>("PQgetisnull")),
      getvalue(find<decltype(getvalue)>("PQgetvalue")),
      getlength(find<decltype(getlength)>("PQgetlength")),
      clear(find<decltype(clear)>("PQclear")) {}

}  // namespace slipway::sql
