# What the targets need. Every package is Debian 12's own or later.
find_package(Threads REQUIRED)
find_package(simdjson REQUIRED)
find_package(fmt REQUIRED)
find_package(CURL 7.87 REQUIRED)
find_package(ZLIB REQUIRED)
# Asio's, Beast's and Uuid's headers, needed to build only.
if(POLICY CMP0167)
  cmake_policy(SET CMP0167 OLD)
endif()
find_package(Boost 1.74 REQUIRED)
if(QBATCH_WITH_LOCAL)
  find_package(SQLite3 REQUIRED)
endif()
