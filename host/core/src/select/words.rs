//! The words that tell kinds of work apart, and what they weigh: data only. Rules that use them are in `classify`.
//!
//! Words are listed in their base form; `lexicon` knows plurals and verb endings. Points are hundredths of a clear hint.

use crate::agent::Category::{self, ComplexImpl, Debugging, Documentation, Frontend};
use crate::agent::Category::{Refactoring, Research, SimpleEdit, Testing};

/// Which part of a brief a sentence stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// No particular one.
    Body,
    /// What is to be done.
    Task,
    /// Why, and what is there already.
    Context,
    /// How one will know that it is done, and what to respect.
    Criteria,
}

/// What a clause asks for, by its verb or form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Act {
    /// A question.
    Question,
    /// A question for a cause.
    Why,
    /// To say how something is.
    Ask,
    /// To look before doing something.
    Look,
    /// To find out.
    Inspect,
    /// To search.
    Find,
    Fix,
    Debug,
    /// A change that is small by nature.
    Edit,
    Change,
    Add,
    Remove,
    Build,
    Write,
    Improve,
    Make,
    Test,
    Run,
    Refactor,
    Convert,
    Move,
    Document,
    Style,
    Format,
    /// Somebody wants a thing.
    Want,
    /// Something should be so.
    Should,
    /// A title, or something else without a verb.
    State,
    /// Something is so.
    Fact,
    /// To be done along with the task.
    Chore,
}

/// What a noun, adjective or path is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    Test,
    Docs,
    /// A thing on the screen.
    Screen,
    /// How something on the screen looks.
    Looks,
    /// Something does not work.
    Failure,
    /// Small by nature.
    Small,
    /// A typing error, a name, a type annotation: small whatever it is in.
    Trifle,
    /// A part of a system.
    Part,
    /// Text about how the code is built.
    Shape,
    /// Formatters and linters.
    Lint,
    /// A result for the asker.
    Report,
    Slow,
}

pub(super) const VERBS: &[(Act, &str)] = &[
    (
        Act::Ask,
        "explain describe compare summarize summarise outline understand learn know contrast recommend propose suggest \
         advise evaluate assess estimate rank elaborate brainstorm discuss justify enlighten tell \
         interpret weigh characterize enumerate quantify predict opine",
    ),
    (
        Act::Look,
        "read look check review study examine inspect see open browse explore consider familiarize familiarise start \
         begin follow take consult scan think go",
    ),
    (
        Act::Inspect,
        "investigate analyze analyse audit research survey inventory profile determine identify discover map trace \
         gather collect catalog catalogue monitor measure observe",
    ),
    (Act::Find, "find list search locate count grep lookup"),
    (Act::Fix, "fix repair resolve solve patch correct address hotfix unbreak rectify remedy mend fixup cure"),
    (
        Act::Debug,
        "debug diagnose troubleshoot bisect reproduce repro pinpoint triage stabilize stabilise deflake",
    ),
    (
        Act::Edit,
        "rename enable disable activate deactivate bump toggle pin unpin uncomment retitle capitalize lowercase uppercase hardcode sort alphabetize \
         increment decrement upcase downgrade misspell reorder gitignore whitelist \
         blacklist allowlist ",
    ),
    (
        Act::Change,
        "raise lower increase decrease copy wrap unwrap limit cap skip ignore silence suppress quote double halve trim link wait change update modify adjust set replace alter edit tweak switch default substitute \
         override point revise amend refresh customize customise flip expose export \
         assign swap hide mark tag reset append prepend put shorten lengthen",
    ),
    (Act::Add, "add include insert attach supply register provide define declare specify"),
    (Act::Remove, "remove delete drop strip omit erase clear unset revert discard prune"),
    (
        Act::Build,
        "implement build create develop introduce integrate migrate port design architect engineer rewrite wire \
         support construct scaffold bootstrap prototype deploy provision containerize dockerize orchestrate extend \
         hook install configure connect automate allow let upgrade persist schedule stream \
         synchronize sync parallelize distribute enforce detect parse validate store encrypt ship deliver setup \
         implementation expand cache embed compute process serve track send instrument internationalize localize \
         redo reimplement handle teach prevent guard record capture calculate restrict accept forward route preload \
         prefetch precompute sanitize escape encode decode serialize deserialize compress rotate archive purge expire \
         invalidate paginate sign poll watch listen negotiate buffer queue retry broadcast mirror hash backport resume \
         restore recover honor honour propagate log simulate transform bundle package release publish generalize secure harden throttle batch shard replicate authenticate authorize parameterize \
         ingest index emit publish subscribe dispatch invent program code spin stand roll plug bridge proxy",
    ),
    (Act::Write, "write draft author compose generate produce prepare bring craft"),
    (
        Act::Improve,
        "improve clarify optimize optimise enhance accelerate boost reduce minimize minimise refine strengthen polish tune \
         shrink cut ",
    ),
    (Act::Make, "make perform conduct do carry use get keep have give do"),
    (
        Act::Test,
        "test cover benchmark mock fuzz assert parametrize parametrise parameterise stub loadtest e2e \
         exercise smoke",
    ),
    (Act::Run, "run execute launch invoke rerun"),
    (
        Act::Refactor,
        "refactor restructure reorganize reorganise extract split deduplicate dedupe dedup simplify decouple modularize \
         modularise inline consolidate untangle flatten unify disentangle decompose abstract tidy cleanup streamline \
         modernize modernise encapsulate rework factor generify separate isolate eliminate declutter \
         collapse group hoist componentize unwind linearize regroup rearrange slim dry \
         demystify collocate colocate detangle reshape refactoring merge",
    ),
    (Act::Convert, "convert turn transform transition transpile adopt"),
    (Act::Move, "move relocate pull lift transfer"),
    (
        Act::Document,
        "document annotate comment proofread translate reword rephrase copyedit illustrate blog docstring",
    ),
    (
        Act::Style,
        "style restyle redesign align center centre animate theme recolor recolour beautify render highlight display \
         show mockup lay reskin visualize visualise",
    ),
    (Act::Format, "format reformat lint prettify autoformat indent reindent prettier black isort gofmt rustfmt eslint"),
    (Act::Want, "want need require wish request like"),
    (
        Act::Chore,
        "ensure verify confirm commit push report answer return stop finish stay avoid leave remember note respond \
         reply mention post prefer respect preserve please call double rebase stage submit \
         notify hand",
    ),
];

/// Verbs of several words. They win over their first word.
pub(super) const VERB_PHRASES: &[(Act, &[&str])] = &[
    (
        Act::Ask,
        &[
            "give me an overview",
            "give an overview",
            "walk me through",
            "walk through",
            "tell me",
            "let me know",
            "give me",
            "point me",
            "say which",
            "say what",
            "give your opinion",
            "say whether",
            "look up",
            "provide an overview",
            "provide a summary",
            "write a summary of how",
            "show me",
            "sum up",
            "break down how",
            "describe to me",
            "help me understand",
            "describe how",
            "describe what",
            "describe the flow",
            "describe its",
            "describe the difference",
            "point out",
            "make a list",
            "produce a list",
            "produce an inventory",
            "produce a report",
            "create a list",
            "create an inventory",
            "write a report",
            "come up with options",
            "map out",
            "test the hypothesis",
            "test the theory",
            "test the assumption",
            "test the idea",
            "verify the hypothesis",
            "deep dive",
            "do a review",
            "do a code review",
            "do research",
            "make a recommendation",
            "list all",
            "list every",
            "list the",
            "code review",
        ],
    ),
    (Act::Inspect, &["find out", "figure out", "look into", "dig into", "work out", "have a look", "take a look", "check why", "see why"]),
    (
        Act::Fix,
        &["sort out", "take care of", "deal with", "make work", "get working", "get rid of the bug", "make pass", "iron out"],
    ),
    (Act::Debug, &["track down", "root cause", "get to the bottom", "hunt down", "chase down", "step through"]),
    (Act::Find, &["search for", "look for", "look up"]),
    (
        Act::Edit,
        &[
            "find and replace",
            "search and replace",
            "comment out",
            "search replace",
            "turn on",
            "turn off",
            "switch on",
            "switch off",
        ],
    ),
    (Act::Build, &["set up", "hook up", "roll out", "spin up", "stand up", "wire up", "add support", "plug in", "opt in"]),
    (
        Act::Refactor,
        &[
            "clean up",
            "break it",
            "break them",
            "break this",
            "break the",
            "break into",
            "tease apart",
            "pull apart",
            "thin out",
            "break up",
            "tidy up",
            "get rid of",
            "pull out",
            "factor out",
            "break down",
            "break apart",
            "split up",
            "split out",
            "dry up",
            "break out",
            "carve out",
            "move out",
            "turn this",
            "make less of",
            "pull the shared",
            "pull the common",
            "reduce duplication",
            "reduce the duplication",
            "reduce coupling",
            "reduce nesting",
            "remove duplication",
            "remove duplicate",
            "remove duplicated",
            "introduce a trait",
            "replace inheritance",
        ],
    ),
    (Act::Document, &["write up", "write down", "put into words"]),
    (Act::Improve, &["speed up", "scale up", "cut down"]),
    (Act::Test, &["load test", "unit test", "stress test", "smoke test", "integration test", "test drive", "raise coverage"]),
    (Act::Write, &["put together", "bring up", "come up with"]),
    (Act::Chore, &["make sure", "open a pr", "open a pull", "let us know", "double check", "be sure", "keep in mind"]),
    (Act::Format, &["type check", "auto format"]),
    (Act::Want, &["would be nice", "would be great", "would love", "would like"]),
];

/// Nouns and adjectives: class, strength in percent, words.
pub(super) const NOUNS: &[(Class, i32, &str)] = &[
    (
        Class::Test,
        100,
        "test coverage assertion mock fixture stub benchmark e2e pytest jest vitest mocha cypress playwright junit \
         rspec testcase unittest doctest msw testsuite proptest quickcheck fuzz fuzzer fuzzing selenium \
         testcontainers xunit nunit phpunit testbed k6 locust minitest testing gtest \
         tdd bdd",
    ),
    (Class::Test, 80, "harness"),
    (Class::Test, 60, "spec suite scenario case golden conformance fake smoke parametrized"),
    (
        Class::Docs,
        100,
        "readme doc documentation changelog docstring adr tutorial guide wiki jsdoc rustdoc javadoc runbook faq manpage \
         contributing postmortem handbook howto walkthrough godoc tsdoc doxygen quickstart cookbook cheatsheet manual \
         glossary whitepaper docblock sphinx mkdocs docusaurus announcement",
    ),
    (
        Class::Docs,
        70,
        "comment rfc documented undocumented decision document tutorial section paragraph wording prose mermaid diagram \
         markdown attribution notice grammar blog article ",
    ),
    (Class::Docs, 30, "example note text instruction newsletter "),
    (
        Class::Screen,
        100,
        "ui ux frontend webpage navbar sidebar modal dialog tooltip dropdown hamburger carousel accordion checkbox \
         dashboard popup popover toast avatar spinner skeleton breadcrumb datepicker combobox button tab homepage \
         storybook widget icon wireframe swiftui tailwind react vue svelte angular jsx tsx nextjs next.js nuxt \
         flutter jetpack css scss sass html dom snackbar lightbox stepper slider autocomplete favicon hero iphone ipad android image picture video \
         topbar toolbar kanban textarea radiobutton scrollbar drawer searchbar shadcn mui chakra \
         htmx figma webview chip typeahead timepicker colorpicker lottie gui preact solidjs \
         astro gallery chatbox touchscreen page",
    ),
    (
        Class::Screen,
        70,
        "component screen card banner form menu footer wizard panel logo landing storefront \
         bubble badge chart thumbnail placeholder heading viewport tile headline inbox feed svg \
         website overlay canvas layout timeline calendar leaderboard \
         sparkline heatmap ",
    ),
    (Class::Screen, 35, "view header column input site desktop tablet mobile browser window list table web box bar"),
    (
        Class::Looks,
        100,
        "layout padding margin css font colour color theme themed responsive responsiveness accessibility a11y aria wcag \
         breakpoint spacing alignment aligned misaligned animation hover overlap overlapping blurry contrast flexbox \
         styling styled palette typography retina zindex ugly unreadable centered centred pixel \
         stylesheet gradient opacity visually overflow darkmode rtl screenreader squished invisible jump jumps jitter flicker flickers shift truncated figma squashed crooked touch swipe \
         wrapped clipped viewport cramped",
    ),
    (
        Class::Looks,
        60,
        "look mobile screen pixelated scroll scrolling focus border shadow animated visual style screens \
         cut bigger nicer prettier width height sticky fade dark phone focusable keyboard",
    ),
    (
        Class::Failure,
        100,
        "bug crash fail failing failed failure broken break deadlock segfault panic hang leak flaky flake exception \
         regression traceback stacktrace stuck freeze frozen corrupt corrupted corruption wrong wrongly incorrect \
         incorrectly nullpointer npe oom sigsegv livelock heisenbug misbehave misbehaving malfunction intermittent \
         intermittently sporadic sporadically unexpected unexpectedly garbled undefined unresponsive throw throwing \
         infinite mismatch defect eresolve econnrefused enoent 500 502 503 504 nan starve starvation blank \
         redness unable complain erroneously erroneous inconsistent lag refuse refused unhandled uncaught glitch \
         silently twice disappear vanish vanished lose loses lost abort aborted underflow hung crashloop crashloopbackoff \
         bogus faulty glitchy outage disconnect die died dies dead broke crashed empty growing grows grow spike flap misses killed oomkilled evicted lags  incident overflowed deadlocked desync stacktraces buggy misfire reject rejected",
    ),
    (Class::Failure, 70, "error timeout race symptom stale symptom bugfix red issue weird strange odd 404 403 401"),
    (Class::Failure, 35, "problem missing nothing concurrency invalid never null"),
    (Class::Slow, 80, "slow slower slowly sluggish latency"),
    (
        Class::Trifle,
        100,
        "typo spelling misspelling misspelled misspelt annotation typos copyright capitalization capitalisation newline \
         whitespace semicolon oneliner",
    ),
    (
        Class::Small,
        100,
        "constant flag default string version import line value alias env gitignore number limit threshold year url \
         replica property attribute semicolon comma public private optional codename param argument variable name timeout port label literal key entry setting \
         tag ttl hostname wording filename keyword boolean \
         editorconfig codeowners shebang nit visibility",
    ),
    (Class::Small, 80, "field"),
    (Class::Small, 50, "option parameter message config const log logging dependency header setting column size"),
    (
        Class::Lint,
        100,
        "lint linter eslint clippy fmt rustfmt gofmt prettier black isort ruff flake8 pylint formatter formatting \
         formatted indentation rubocop shellcheck mypy golint linting stylelint biome",
    ),
    (
        Class::Part,
        100,
        "feature support system subsystem service engine api endpoint pipeline plugin backend server client parser \
         scheduler auth authentication authorization protocol queue worker compiler database schema gateway \
         daemon sdk integration connector microservice orm middleware operator webhook grpc graphql rest sso oauth \
         oauth2 saml crdt migration replication sharding pagination caching cache encryption crawler indexer search \
         storage cluster kubernetes terraform infrastructure ci cd workflow proxy broker bot interpreter vm runtime \
         allocator scraper importer exporter notification subscription billing payment tenancy tenant \
         streaming websocket sync backup architecture framework library cli command subcommand mode algorithm \
         telemetry tracing audit rbac permission ratelimit throttling retry backoff job transaction \
         kafka redis postgres s3 stripe ldap language tokenizer optimizer lexer generator resolver loader \
         module export import provisioning failover internationalization i18n localization deployment docker dockerfile \
         helm container",
    ),
    (Class::Part, 50, "script tool function class handler method app application program layer filter hook report crud model bus pool session user"),
    (
        Class::Shape,
        100,
        "duplication duplicate duplicated redundant redundancy coupling cohesion boilerplate spaghetti monolith monolithic \
         readability maintainable maintainability repetition repetitive repeated acyclic cohesive structure mess cleaner clearer unreachable bulky testable cyclomatic nested nesting unused \
         refactoring refactor legacy god messy convoluted bloated oversized inheritance smell",
    ),
    (Class::Shape, 60, "readable pattern consistency consistent structured layered"),
    (Class::Shape, 60, "singleton injected reusable decorator mixin abstraction naming interface helper builder callback promise struct enum trait"),
    (Class::Report, 50, "report plan proposal explanation answer"),
    (Class::Report, 100, "review audit analysis assessment evaluation survey opinion advice rundown breakdown estimate estimation insight overview summary recommendation inventory finding comparison tradeoff pros memo feasibility"),
];

/// Word sequences: what they stand for, strength in percent. They take their words out of further reading.
pub(super) const NOUN_PHRASES: &[(Class, i32, &[&str])] = &[
    (Class::Test, 100, &["test case", "edge case", "mock server", "test double", "test suite", "regression test", "unit test", "test plan", "end to end test", "e2e test"]),
    (
        Class::Docs,
        100,
        &[
            "release note",
            "user guide",
            "getting started",
            "api reference",
            "api doc",
            "man page",
            "doc page",
            "wiki page",
            "design doc",
            "license header",
            "migration guide",
            "style guide",
            "decision record",
            "post mortem",
            "blog post",
            "code comment",
            "inline comment",
            "doc comment",
            "help text",
            "usage example",
            "code example",
            "how to guide",
            "user manual",
            "install instruction",
            "setup instruction",
            "installation instruction",
            "architecture note",
            "architecture diagram",
            "docs page",
            "a how to",
            "design document",
            "broken link",
            "dead link",
        ],
    ),
    (
        Class::Screen,
        100,
        &[
            "dark mode",
            "light mode",
            "landing page",
            "user interface",
            "front end",
            "web client",
            "error page",
            "look and feel",
            "contact page",
            "navigation bar",
            "nav bar",
            "side bar",
            "design system",
            "loading state",
            "empty state",
            "loading spinner",
            "progress bar",
            "progress indicator",
            "search bar",
            "text field",
            "date picker",
            "bottom sheet",
            "admin panel",
            "call to action",
            "list component",
            "tree view",
            "list view",
            "drag and drop",
            "infinite scroll",
            "virtual scrolling",
            "file upload widget",
            "settings page",
            "profile page",
            "media query",
            "react native",
            "web app page",
            "signup form",
            "login form",
            "login page",
            "contact form",
            "checkout form",
        ],
    ),
    (
        Class::Looks,
        100,
        &[
            "look good",
            "look nice",
            "look better",
            "looks good",
            "cut off",
            "screen reader",
            "small screen",
            "keyboard navigation",
            "focus state",
            "focus order",
            "hover state",
            "z index",
            "font size",
            "too small",
            "too wide",
            "off center",
            "out of view",
            "line height",
            "hard to read",
            "side by side",
            "media queries",
        ],
    ),
    (
        Class::Failure,
        100,
        &[
            "memory leak",
            "race condition",
            "data race",
            "root cause",
            "stack trace",
            "not working",
            "does nothing",
            "do nothing",
            "nothing happens",
            "no longer",
            "stopped working",
            "stop working",
            "off by one",
            "use after free",
            "double free",
            "null pointer",
            "out of memory",
            "out of bounds",
            "data loss",
            "green again",
            "pass again",
            "work again",
            "works again",
            "is red",
            "steps to reproduce",
            "going wrong",
            "goes wrong",
            "went wrong",
            "not found",
            "permission denied",
            "timed out",
            "times out",
            "time out",
            "timing out",
            "segmentation fault",
            "null reference",
            "not add up",
            "goes blank",
            "what breaks",
            "keeps failing",
            "exit code 1",
            "infinite loop",
            "assertion failed",
            "error log",
            "used to work",
            "cpu usage",
            "out of sync",
        ],
    ),
    (
        Class::Trifle,
        100,
        &[
            "type annotation",
            "type hint",
            "trailing whitespace",
            "trailing newline",
            "copyright year",
            "one line",
            "one liner",
            "dead link-text",
            "two spaces",
            "four spaces",
            "sort order of imports",
            "unused import",
            "debug print",
            "debug statement",
            "print statement",
            "console log",
            "console.log",
        ],
    ),
    (
        Class::Small,
        100,
        &[
            "feature flag",
            "null check",
            "nil check",
            "bounds check",
            "enum variant",
            "boolean parameter",
            "env var",
            "environment variable",
            "log level",
            "default value",
            "version number",
            "error message",
            "log message",
            "build target",
            "exit code",
            "config value",
            "config key",
            "build flag",
            "log line",
            "cron job",
            "pool size",
            "feature toggle",
            "page title",
            "button label",
            "button text",
            "base image",
            "strict mode",
            "status code",
            "config option",
        ],
    ),
    (Class::Lint, 100, &["lint warning", "clippy warning", "lint error", "compiler warning", "style violation", "linter warning", "lint issue", "line length"]),
    (
        Class::Part,
        100,
        &[
            "error handling",
            "error page handler",
            "crash reporting",
            "error reporting",
            "crash reporter",
            "bug tracker",
            "exception handler",
            "exception handling",
            "comment system",
            "dead letter",
            "health check",
            "error type",
            "design pattern",
            "state machine",
            "single sign",
            "access control",
            "rate limit",
            "rate limiting",
            "spec file loader",
            "full text search",
            "end to end encryption",
            "audit log",
            "audit logging",
            "feature request",
            "test runner",
            "race detector",
            "timeout handling",
            "web server",
            "http server",
            "connection pool",
            "connection pooling",
            "service layer",
            "http layer",
            "issue tracker",
            "language server",
            "documentation generator",
            "doc generator",
            "documentation server",
            "comment parser",
            "json schema",
        ],
    ),
    (
        Class::Shape,
        100,
        &[
            "dead code",
            "unused code",
            "god object",
            "god class",
            "magic number",
            "circular dependency",
            "circular import",
            "global state",
            "tech debt",
            "technical debt",
            "code smell",
            "dependency injection",
            "lines long",
            "line function",
            "line method",
            "line file",
            "shared part",
            "common component",
            "common module",
            "shared module",
            "shared helper",
            "into smaller",
            "smaller function",
            "own module",
            "own file",
            "own crate",
            "own package",
            "separate module",
            "separate file",
            "separate function",
            "into separate",
            "behind an interface",
            "behind a trait",
            "named constant",
            "single responsibility",
            "copy paste",
            "copy pasted",
            "too long",
            "too many responsibilities",
            "smaller file",
            "smaller class",
            "smaller module",
            "smaller unit",
            "smaller piece",
            "if else",
            "not reachable",
            "any more",
            "not used",
            "no longer used",
            "no longer needed",
            "never used",
            "never called",
            "class component",
            "switch statement",
        ],
    ),
    (Class::Report, 100, &["pros and cons", "trade off", "open question", "best practice", "state of the art", "our options", "data flow"]),
    (Class::Slow, 100, &["too slow", "got slow", "performance regression", "high cpu", "memory usage", "slow query"]),
];

/// Word sequences that say what kind of work it is wherever they stand.
pub(super) const SIGNS: &[(Category, i32, &[&str])] = &[
    (
        Refactoring,
        80,
        &[
            "no behaviour change",
            "without behaviour change",
            "without changing behaviour",
            "without changing the behaviour",
            "without changing any behaviour",
            "keep behaviour",
            "keep the behaviour",
            "keeping behaviour",
            "same behaviour",
            "behave as before",
            "behaves as before",
            "behave exactly as before",
            "same outputs",
            "no change in behaviour",
            "no functional change",
            "no functional changes",
            "behaviour must not change",
            "behaviour should not change",
            "behaviour stays the same",
            "behaviour must stay",
            "behaviour unchanged",
            "behaviour identical",
            "behaviour preserving",
            "preserve behaviour",
            "preserving behaviour",
            "preserving the behaviour",
            "identical behaviour",
            "pure refactor",
            "without altering behaviour",
            "not change behaviour",
            "not change the behaviour",
            "no visible change",
            "must behave the same",
            "behave the same",
            "behaviour must stay",
            "stay identical",
            "no functionality change",
            "no functionality changes",
            "functionality unchanged",
            "no behavioural change",
            "no behavioural changes",
        ],
    ),
    (
        Research,
        40,
        &[
            "do not change any code",
            "do not modify files",
            "do not modify any",
            "don't modify any",
            "don't change any code",
            "no code changes",
            "no edits",
            "do not edit",
            "no changes needed",
            "don't write any code",
            "do not write code",
            "do not write any code",
            "no code please",
            "without changing anything",
            "don't change anything",
            "do not change anything",
            "i only need the explanation",
            "just tell me",
            "just want to know",
            "read only",
            "explain each step",
            "tell me what you find",
            "file line references",
            "no implementation",
        ],
    ),
    (Refactoring, 60, &["unchanged", "out of the", "does too much", "do too much", "doing too much", "copies of", "into its own", "into their own"]),
    (Frontend, 45, &["figma", "wcag"]),
    (Debugging, 30, &["but not locally", "works locally", "worked before", "since yesterday", "since the last", "after upgrading", "after the last deploy", "after the upgrade", "even though", "what happened", "no module named", "see log", "see logs", "logs show"]),
    (Research, 90, &["what would it take", "how hard would"]),
    (
        Debugging,
        50,
        &["steps to reproduce", "stack trace", "what is causing", "what causes", "cause of", "find the cause", "bug report"],
    ),
    (Testing, 60, &["test the following", "add missing test", "edge cases are tested", "code coverage", "test coverage"]),
    (ComplexImpl, 25, &["from scratch", "end to end", "same way", "as a user i want", "user story"]),
    (Documentation, 40, &["for new contributors", "getting started guide", "keep a changelog", "keep the tone"]),
    (Frontend, 30, &["pixel perfect", "on mobile", "in the browser window", "according to the mock"]),
    (SimpleEdit, 40, &["nothing else", "small one", "quick one", "no other changes", "one line change", "tiny change", "trivial change"]),
];

/// Titles of a brief's parts.
pub(super) const SECTIONS: &[(&[&str], Section)] = &[
    (
        &[
            "task", "goal", "objective", "your task", "the task", "what to do", "request", "instruction", "instructions", "todo",
            "to do", "ask", "the ask", "mission", "job", "your job", "assignment", "goals", "tasks", "action", "title", "what",
            "objectives", "deliverable", "ticket", "summary", "main task", "your mission", "problem statement", "tl;dr", "tldr",
        ],
        Section::Task,
    ),
    (
        &[
            "context", "background", "motivation", "why", "history", "current state", "situation", "rationale", "about",
            "environment", "existing code", "references", "relevant files", "files", "links", "related", "current behaviour",
            "current behavior", "status quo", "setup", "project", "repo", "repository", "stack", "tech stack", "audience", "role",
            "example", "examples", "input", "see also", "steps to reproduce",
            "reproduction", "repro", "to reproduce", "how to reproduce", "repro steps", "reproduce",
        ],
        Section::Context,
    ),
    (
        &[
            "acceptance", "acceptance criteria", "criteria", "done when", "definition of done", "dod", "verification", "verify",
            "constraints", "constraint", "rules", "notes", "note", "deliverables", "requirements", "requirement", "out of scope",
            "non-goals", "non goals", "scope", "output", "output format", "format", "hints", "hint", "steps", "success criteria",
            "validation", "checklist", "testing", "tests", "test plan", "guidelines", "important", "details", "specification",
            "spec", "limits", "reminder", "process", "when done", "afterwards", "finally", "before you finish", "quality", "cover",
            "reporting", "report", "exit criteria", "must", "must not", "don't", "do not", "implementation notes", "tips",
        ],
        Section::Criteria,
    ),
];

/// Labels in front of a title, as in `fix(api): …`, and what they weigh.
const LABELS: &[(&str, Category, i32)] = &[
    ("bug", Debugging, 60),
    ("bugs", Debugging, 60),
    ("bug report", Debugging, 70),
    ("bugfix", Debugging, 60),
    ("regression", Debugging, 60),
    ("crash", Debugging, 60),
    ("error", Debugging, 50),
    ("panic", Debugging, 60),
    ("fix", Debugging, 30),
    ("hotfix", Debugging, 40),
    ("incident", Debugging, 50),
    ("feat", ComplexImpl, 30),
    ("feature", ComplexImpl, 35),
    ("feature request", ComplexImpl, 40),
    ("story", ComplexImpl, 25),
    ("user story", ComplexImpl, 25),
    ("epic", ComplexImpl, 50),
    ("perf", ComplexImpl, 40),
    ("docs", Documentation, 100),
    ("doc", Documentation, 100),
    ("documentation", Documentation, 100),
    ("refactor", Refactoring, 80),
    ("refactoring", Refactoring, 80),
    ("cleanup", Refactoring, 50),
    ("tech debt", Refactoring, 50),
    ("test", Testing, 90),
    ("tests", Testing, 90),
    ("testing", Testing, 60),
    ("chore", SimpleEdit, 40),
    ("style", SimpleEdit, 30),
    ("typo", SimpleEdit, 90),
    ("nit", SimpleEdit, 70),
    ("quick fix", SimpleEdit, 50),
    ("quick", SimpleEdit, 40),
    ("research", Research, 90),
    ("spike", Research, 60),
    ("question", Research, 90),
    ("investigation", Research, 40),
    ("q", Research, 80),
    ("review", Research, 70),
    ("ui", Frontend, 60),
    ("ux", Frontend, 60),
    ("frontend", Frontend, 60),
    ("css", Frontend, 70),
    ("a11y", Frontend, 70),
    ("accessibility", Frontend, 70),
    ("flutter", Frontend, 40),
    ("react", Frontend, 40),
];

/// What a label weighs.
pub(super) fn label(name: &str) -> Option<(Category, i32)> {
    LABELS.iter().find(|(label, ..)| *label == name).map(|(_, category, points)| (*category, *points))
}

/// Endings of file names.
pub(super) const EXTENSIONS: &[&str] = &[
    "rs", "toml", "md", "json", "yaml", "yml", "ts", "tsx", "js", "jsx", "css", "scss", "sass", "less", "html", "htm", "py", "go",
    "java", "kt", "kts", "swift", "c", "h", "cc", "cpp", "hpp", "cs", "rb", "php", "sh", "bash", "zsh", "sql", "txt", "rst", "adoc",
    "lock", "ini", "cfg", "conf", "env", "xml", "csv", "proto", "graphql", "vue", "svelte", "ex", "exs", "erl", "hs", "ml", "scala",
    "clj", "lua", "dart", "zig", "nix", "tf", "gradle", "mjs", "cjs", "ipynb", "wit", "png", "svg", "jpg", "log", "properties", "r",
    "mk", "cmake", "bat", "ps1", "mdx", "tex", "astro", "wasm", "jsonl", "tmpl", "hbs", "erb", "pyi", "snap",
];

/// Names that end like a file and are none.
pub(super) const FRAMEWORKS: &[&str] = &["next.js", "node.js", "vue.js", "react.js", "nuxt.js", "three.js", "d3.js", "express.js"];

/// First parts of paths with a single slash; other words with a slash between are alternatives.
pub(super) const DIRECTORIES: &[&str] = &[
    "src", "lib", "docs", "doc", "test", "tests", "spec", "pkg", "cmd", "internal", "app", "apps", "packages", "crates", "scripts",
    "config", "web", "frontend", "backend", "server", "client", "api", "db", "utils", "tools", "examples", "infra", "k8s", "assets",
    "components", "pages", "host", "core", "include", "build", "ci", "handlers", "models", "services", "modules", "adapters",
];

/// Words that say how far a change goes, and what they add to its complexity.
pub(super) const SCOPE: &[(i32, &[&str])] = &[
    (
        4,
        &[
            "across", "all files", "every file", "entire", "every module", "all modules", "whole codebase", "whole project",
            "whole repo", "whole repository", "codebase wide", "project wide", "repo wide", "from scratch", "end to end encryption",
            "all services", "every service", "all packages", "every package", "throughout", "all crates", "every crate", "everywhere in",
        ],
    ),
    (
        2,
        &[
            "migrate", "port", "rewrite", "redesign", "architecture", "subsystem", "end to end", "distributed", "concurrent",
            "multi tenant", "encryption", "plugin system", "backwards compatible", "zero downtime", "several", "multiple", "deadlock",
            "race condition", "protocol", "compiler", "scheduler", "consensus",
        ],
    ),
    (
        -3,
        &[
            "typo", "one line", "one liner", "small one", "quick one", "tiny", "trivial", "nothing else", "simple rename", "no other changes",
        ],
    ),
];
