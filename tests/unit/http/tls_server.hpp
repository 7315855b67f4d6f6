#pragma once
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/scratch_folder.hpp"

extern char** environ;

namespace qbatch::test {

/// The programs that TLS tests need, openssl and python3, are there.
inline bool tlsToolsAreThere() { return std::system("command -v openssl >/dev/null 2>&1 && python3 -c 'import ssl' >/dev/null 2>&1") == 0; }

/// Certificates made for the moment by the openssl program, in a folder that goes with them.
class Certificates {
 public:
  /// Makes NAME.pem and NAME.key of an authority that signs itself.
  std::string authority(const std::string& name) {
    openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj '/CN=" + name + "' -keyout " + key(name) +
            " -out " + file(name));
    return file(name);
  }
  /// Makes NAME.pem and NAME.key, signed by the authority, for these alternative names, from `begin` to `end` (YYYYMMDD).
  std::string signedBy(const std::string& authority, const std::string& name,
                       const std::string& alternativeNames = "IP:127.0.0.1,DNS:localhost", const std::string& begin = "20200101",
                       const std::string& end = "20491231") {
    openssl("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=" + name + "' -keyout " + key(name) + " -out " +
            at(name + ".csr"));
    write("index.txt", "");
    write("serial", "01\n");
    write("ca.cnf",
          "[ca]\ndefault_ca=d\n[d]\ndatabase=" + at("index.txt") + "\nserial=" + at("serial") +
              "\nnew_certs_dir=" + folder_.path().string() +
              "\ndefault_md=sha256\npolicy=p\nunique_subject=no\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=" +
              alternativeNames + "\n");
    openssl("ca -batch -notext -config " + at("ca.cnf") + " -cert " + file(authority) + " -keyfile " + key(authority) + " -in " +
            at(name + ".csr") + " -startdate " + begin + "000000Z -enddate " + end + "000000Z -out " + file(name));
    return file(name);
  }
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(at(name)) << text;
    return at(name);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return at(name + ".pem"); }
  [[nodiscard]] std::string key(const std::string& name) const { return at(name + ".key"); }
  [[nodiscard]] std::string at(const std::string& name) const { return (folder_.path() / name).string(); }

 private:
  static void openssl(const std::string& arguments) {
    if (std::system(("openssl " + arguments + " </dev/null >/dev/null 2>&1").c_str()) != 0)
      throw std::runtime_error("openssl failed: " + arguments);
  }

  ScratchFolder folder_;
};

/// tls_server.py as a child process.
class TlsServer {
 public:
  explicit TlsServer(std::vector<std::string> arguments) {
    int input[2], output[2];
    if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error("no pipe can be had");
    arguments.insert(arguments.begin(), {"python3", QBATCH_TEST_DATA "/../unit/http/tls_server.py"});
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    const int failure = posix_spawnp(&pid_, "python3", &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(input[0]);
    close(output[1]);
    input_ = input[1];
    std::string line;
    for (char byte = 0; failure == 0 && byte != '\n' && read(output[0], &byte, 1) == 1;) line += byte;
    close(output[0]);
    if (!line.ends_with('\n')) throw std::runtime_error("the TLS server did not start");
    port_ = static_cast<unsigned>(std::stoul(line));
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer() {
    close(input_);
    waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] unsigned port() const noexcept { return port_; }
  [[nodiscard]] std::string url(const std::string& scheme = "https", const std::string& host = "127.0.0.1") const {
    return scheme + "://" + host + ':' + std::to_string(port_) + "/x";
  }

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  unsigned port_ = 0;
};

}  // namespace qbatch::test
