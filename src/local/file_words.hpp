#pragma once

namespace qbatch::local {

/// How sentences for people call a file of ours, and what they advise.
struct FileWords {
  const char* name;       ///< "store file"
  const char* content;    ///< what is in it: "a store"
  const char* sharing;    ///< what to do where another process has it
  const char* lockedOut;  ///< the same where nothing is known of who has it
  const char* whenFull;   ///< what to do where the disk is full
};

inline constexpr FileWords storeWords{
    "store file", "a store",
    "share one client (or backend) within a program, or let several programs share the file through `qbatch local-server`",
    "close it there, or let programs share it through `qbatch local-server`", "free space and store the rest again"};

inline constexpr FileWords answerWords{"answer file", "a file of answers",
                                       "share one AnswerStore within a program, or give each program an answer file of its own",
                                       "close it there, or give each program an answer file of its own", "free space"};

}  // namespace qbatch::local
