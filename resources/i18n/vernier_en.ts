<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>StepLayout</name>
    <message numerus="yes">
        <source>Per sequence, each of the %n sequences with targets holds %1 of the weight, whatever its length.</source>
        <translation>
            <numerusform>Per sequence, the %n sequence with targets holds %1 of the weight, whatever its length.</numerusform>
            <numerusform>Per sequence, each of the %n sequences with targets holds %1 of the weight, whatever its length.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Per token, %n of %1 sequences with targets hold %2 of the weight.</source>
        <translation>
            <numerusform>Per token, %n of %1 sequences with targets holds %2 of the weight.</numerusform>
            <numerusform>Per token, %n of %1 sequences with targets hold %2 of the weight.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Nothing is packed: each of the %n sequences stands alone, one behind the other and without padding.</source>
        <translation>
            <numerusform>Nothing is packed: the %n sequence stands alone, without padding.</numerusform>
            <numerusform>Nothing is packed: each of the %n sequences stands alone, one behind the other and without padding.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n packed rows of %1 tokens, filled to %2.</source>
        <translation>
            <numerusform>%n packed row of %1 tokens, filled to %2.</numerusform>
            <numerusform>%n packed rows of %1 tokens, filled to %2.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::AnswerPane</name>
    <message numerus="yes">
        <source>%n new tokens at %1 tokens/s.</source>
        <translation>
            <numerusform>%n new token at %1 tokens/s.</numerusform>
            <numerusform>%n new tokens at %1 tokens/s.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::BalanceView</name>
    <message numerus="yes">
        <source>Sequences in which “%1” costs most: %n.</source>
        <translation>
            <numerusform>Sequences in which “%1” costs most: %n.</numerusform>
            <numerusform>Sequences in which “%1” costs most: %n.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Sequences in which “%1” stands in the costliest token&apos;s place: %n.</source>
        <translation>
            <numerusform>Sequences in which “%1” stands in the costliest token&apos;s place: %n.</numerusform>
            <numerusform>Sequences in which “%1” stands in the costliest token&apos;s place: %n.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::BeforeAfterView</name>
    <message numerus="yes">
        <source>The prompt has %n tokens.</source>
        <translation>
            <numerusform>The prompt has %n token.</numerusform>
            <numerusform>The prompt has %n tokens.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::DataStep</name>
    <message numerus="yes">
        <source>Rows that cannot be read: %n. A run would stop there: %1</source>
        <translation>
            <numerusform>Rows that cannot be read: %n. A run would stop there: %1</numerusform>
            <numerusform>Rows that cannot be read: %n. A run would stop there: %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Rows with a placeholder such as {{name}} that was never filled in: %n. The model would learn to say it.</source>
        <translation>
            <numerusform>Rows with a placeholder such as {{name}} that was never filled in: %n. The model would learn to say it.</numerusform>
            <numerusform>Rows with a placeholder such as {{name}} that was never filled in: %n. The model would learn to say it.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>rows: %n</source>
        <translation>
            <numerusform>rows: %n</numerusform>
            <numerusform>rows: %n</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::ExportDialog</name>
    <message numerus="yes">
        <source>%n captures are left out: their files are missing or damaged.</source>
        <translation>
            <numerusform>%n capture is left out: its file is missing or damaged.</numerusform>
            <numerusform>%n captures are left out: their files are missing or damaged.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::LabelsStep</name>
    <message numerus="yes">
        <source>Rows that end the assistant&apos;s last turn without a special token: %n. A model that learns from them does not learn to stop. Choose another chat template.</source>
        <translation>
            <numerusform>Rows that end the assistant&apos;s last turn without a special token: %n. A model that learns from them does not learn to stop. Choose another chat template.</numerusform>
            <numerusform>Rows that end the assistant&apos;s last turn without a special token: %n. A model that learns from them does not learn to stop. Choose another chat template.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Rows with a placeholder such as {{name}} that was never filled in: %n.</source>
        <translation>
            <numerusform>Rows with a placeholder such as {{name}} that was never filled in: %n.</numerusform>
            <numerusform>Rows with a placeholder such as {{name}} that was never filled in: %n.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Rows that spell a special token in their content: %n. The model reads it as the token itself.</source>
        <translation>
            <numerusform>Rows that spell a special token in their content: %n. The model reads it as the token itself.</numerusform>
            <numerusform>Rows that spell a special token in their content: %n. The model reads it as the token itself.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Exact duplicates of an earlier row: %n. They count as often as they stand there.</source>
        <translation>
            <numerusform>Exact duplicates of an earlier row: %n. They count as often as they stand there.</numerusform>
            <numerusform>Exact duplicates of an earlier row: %n. They count as often as they stand there.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Rows that bring a BOS of their own: %n. The tokenizer&apos;s second one is left out.</source>
        <translation>
            <numerusform>Rows that bring a BOS of their own: %n. The tokenizer&apos;s second one is left out.</numerusform>
            <numerusform>Rows that bring a BOS of their own: %n. The tokenizer&apos;s second one is left out.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Rows longer than max_length: %n. %1 of their tokens are cut away.</source>
        <translation>
            <numerusform>Rows longer than max_length: %n. %1 of their tokens are cut away.</numerusform>
            <numerusform>Rows longer than max_length: %n. %1 of their tokens are cut away.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>rows cut: %n</source>
        <translation>
            <numerusform>rows cut: %n</numerusform>
            <numerusform>rows cut: %n</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>rows lost: %n</source>
        <translation>
            <numerusform>rows lost: %n</numerusform>
            <numerusform>rows lost: %n</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Rows to train on that lost every label: %n, %1. %2</source>
        <translation>
            <numerusform>Rows to train on that lost every label: %n, %1. %2</numerusform>
            <numerusform>Rows to train on that lost every label: %n, %1. %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Rows to evaluate on that lost every label: %n, %1. %2</source>
        <translation>
            <numerusform>Rows to evaluate on that lost every label: %n, %1. %2</numerusform>
            <numerusform>Rows to evaluate on that lost every label: %n, %1. %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Exact duplicates of an earlier row: %n. They are left out (drop_duplicates).</source>
        <translation>
            <numerusform>Exact duplicates of an earlier row: %n. They are left out (drop_duplicates).</numerusform>
            <numerusform>Exact duplicates of an earlier row: %n. They are left out (drop_duplicates).</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::LengthHistogram</name>
    <message numerus="yes">
        <source>rows: %n</source>
        <translation>
            <numerusform>rows: %n</numerusform>
            <numerusform>rows: %n</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::PackingMap</name>
    <message numerus="yes">
        <source>%n rows</source>
        <translation>
            <numerusform>%n row</numerusform>
            <numerusform>%n rows</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::ParityHistory</name>
    <message numerus="yes">
        <source>%n parity checks</source>
        <translation>
            <numerusform>%n parity check</numerusform>
            <numerusform>%n parity checks</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::PinnedRowPanel</name>
    <message numerus="yes">
        <source>It has come up %n time(s).</source>
        <translation>
            <numerusform>It has come up %n time.</numerusform>
            <numerusform>It has come up %n times.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::RowHistoryPlot</name>
    <message numerus="yes">
        <source>It came up %n time(s). First: %1. Last: %2</source>
        <translation>
            <numerusform>It came up %n time. First: %1. Last: %2</numerusform>
            <numerusform>It came up %n times. First: %1. Last: %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::RowXray</name>
    <message numerus="yes">
        <source>rows: %n</source>
        <translation>
            <numerusform>rows: %n</numerusform>
            <numerusform>rows: %n</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n rows</source>
        <translation>
            <numerusform>%1 of %n row</numerusform>
            <numerusform>%1 of %n rows</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::RunDetails</name>
    <message numerus="yes">
        <source>%n row(s) of %1 hold %2 of the tokens with a label</source>
        <translation>
            <numerusform>%n row of %1 holds %2 of the tokens with a label</numerusform>
            <numerusform>%n rows of %1 hold %2 of the tokens with a label</numerusform>
        </translation>
    </message>
</context>
</TS>
