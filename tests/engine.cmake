# Tests of engine/ and engine/cli/, on a world in memory.
add_library(test_fake_world STATIC unit/fake_world.c)
target_link_libraries(test_fake_world PUBLIC pgsteer_engine pgsteer_plans roots PRIVATE warnings)

function(engine_test name)
    unit_test(${name} cli engine plans schema base)
    target_link_libraries(test_${name} PRIVATE test_fake_world)
endfunction()

engine_test(cli_commands)
engine_test(engine_executor)
engine_test(engine_journal)
engine_test(engine_lock)
engine_test(engine_observe)
engine_test(engine_outcome)
engine_test(engine_schedule)
engine_test(engine_secrets)
engine_test(engine_snapshot)
