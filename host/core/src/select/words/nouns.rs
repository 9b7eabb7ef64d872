//! Nouns and adjectives, and what they are about: data only.

use super::Class;

/// Nouns and adjectives: class, strength in percent, words.
pub(in crate::select) const NOUNS: &[(Class, i32, &str)] = &[
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
         module export import provisioning failover internationalization i18n localization deployment docker \
         helm container",
    ),
    (
        Class::Part,
        50,
        "script tool function class handler method app application program layer filter hook report crud model bus pool session user",
    ),
    (
        Class::Shape,
        100,
        "duplication duplicate duplicated redundant redundancy coupling cohesion boilerplate spaghetti monolith monolithic \
         readability maintainable maintainability repetition repetitive repeated acyclic cohesive structure mess cleaner clearer unreachable bulky testable cyclomatic nested nesting unused \
         refactoring refactor legacy god messy convoluted bloated oversized inheritance smell",
    ),
    (Class::Shape, 60, "readable pattern consistency consistent structured layered"),
    (
        Class::Shape,
        60,
        "singleton injected reusable decorator mixin abstraction naming interface helper builder callback promise struct enum trait",
    ),
    (Class::Report, 50, "report plan proposal explanation answer"),
    (
        Class::Report,
        100,
        "review audit analysis assessment evaluation survey opinion advice rundown breakdown estimate estimation insight overview summary recommendation inventory finding comparison tradeoff pros memo feasibility",
    ),
];
