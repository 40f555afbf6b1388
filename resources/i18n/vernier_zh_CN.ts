<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>AskMarkdown</name>
    <message>
        <source>Sampling: temperature 0 (always the likeliest), max_new_tokens %1.</source>
        <translation>采样：温度 0（始终取概率最高的词元），max_new_tokens %1。</translation>
    </message>
    <message>
        <source>Sampling: temperature %1, top_k %2, top_p %3, seed %4, max_new_tokens %5.</source>
        <translation>采样：温度 %1，top_k %2，top_p %3，随机种子 %4，max_new_tokens %5。</translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation>%1 词元/秒</translation>
    </message>
    <message>
        <source>mean KL %1 nats a token</source>
        <translation>平均 KL 每词元 %1&#xa0;nat</translation>
    </message>
    <message>
        <source>Where the two part most along the answer after training:</source>
        <translation>训练后的回答中两者分歧最大之处：</translation>
    </message>
    <message>
        <source>| token | position | KL, nats | after | before |</source>
        <translation>| 词元 | 位置 | KL（nat） | 训练后 | 训练前 |</translation>
    </message>
    <message>
        <source>Before and after: %1</source>
        <translation>训练前/后：%1</translation>
    </message>
    <message>
        <source>Model `%1`, adapter `%2` as saved after step %3.</source>
        <translation>模型 `%1`，适配器 `%2`（第 %3 步后保存）。</translation>
    </message>
    <message>
        <source>Prompt, as the model sees it</source>
        <translation>提示词（模型所见）</translation>
    </message>
    <message>
        <source>Before training</source>
        <translation>训练前</translation>
    </message>
    <message>
        <source>After training, strength %1</source>
        <translation>训练后，强度 %1</translation>
    </message>
    <message>
        <source>What the row says</source>
        <translation>数据行中的内容</translation>
    </message>
</context>
<context>
    <name>AskPrompt</name>
    <message>
        <source>The first %1 of the %2 tokens of held-out row %3.</source>
        <translation>留出行 %3 的前 %1 个词元，共 %2 个。</translation>
    </message>
    <message>
        <source>The first %1 of the %2 tokens of row %3.</source>
        <translation>第 %3 行的前 %1 个词元，共 %2 个。</translation>
    </message>
</context>
<context>
    <name>AskWorker</name>
    <message>
        <source>Waiting: another view is asking the model</source>
        <translation>请稍候：另一个视图正在询问该模型</translation>
    </message>
    <message>
        <source>Loading the model</source>
        <translation>正在加载模型</translation>
    </message>
    <message>
        <source>Reading the prompt</source>
        <translation>正在读取提示词</translation>
    </message>
    <message>
        <source>Looking for the row in the data</source>
        <translation>正在数据中查找该行</translation>
    </message>
    <message>
        <source>Answering</source>
        <translation>正在回答</translation>
    </message>
    <message>
        <source>Comparing both along the answer</source>
        <translation>正在沿回答对比两者</translation>
    </message>
    <message>
        <source>adapter: got one that was saved anew, expected the one that answered. Ask again.</source>
        <translation>adapter：这里已是重新保存过的适配器，应为作答时的那一个。请重新提问。</translation>
    </message>
</context>
<context>
    <name>CheckWords</name>
    <message>
        <source>Configuration</source>
        <translation>配置</translation>
    </message>
    <message>
        <source>Every value has to be in its range, and no two may contradict each other.</source>
        <translation>每个值都须在有效范围内，且彼此不得矛盾。</translation>
    </message>
    <message>
        <source>What this build can do</source>
        <translation>此版本支持的功能</translation>
    </message>
    <message>
        <source>A setting that this build does not have is refused here, not after minutes of loading.</source>
        <translation>此版本不支持的设置在这里就会被拒绝，不必等到加载几分钟之后。</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>What computes, and in which element type. bfloat16 halves the memory and rounds to three digits.</source>
        <translation>由什么设备计算、用哪种元素类型。bfloat16 可使内存减半，但精度只有约三位有效数字。</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>config.json says how the weights are to be used; a family that is not known here cannot be trained.</source>
        <translation>config.json 说明权重的使用方式；未知的模型家族无法训练。</translation>
    </message>
    <message>
        <source>Weights&apos; shapes</source>
        <translation>权重形状</translation>
    </message>
    <message>
        <source>Every tensor that the model calls for has to be in the files, in its shape.</source>
        <translation>模型需要的每个张量都必须在文件中，且形状正确。</translation>
    </message>
    <message>
        <source>What is trained</source>
        <translation>训练对象</translation>
    </message>
    <message>
        <source>The projections that get a low-rank branch, and how many numbers that makes to learn.</source>
        <translation>哪些投影会加上低秩分支，以及由此需要学习多少个参数。</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>分词器</translation>
    </message>
    <message>
        <source>Token ids mean something only together with the model that they were made for.</source>
        <translation>词元 id 只有与其对应的模型配合才有意义。</translation>
    </message>
    <message>
        <source>Chat template</source>
        <translation>对话模板</translation>
    </message>
    <message>
        <source>It lays a conversation out as text. Another one than the model&apos;s makes it learn a new language first.</source>
        <translation>它把对话排成文本。若与模型自带的不同，模型得先学会一种新格式。</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Every row is read, laid out, tokenized and labelled, as the run will do it.</source>
        <translation>每一行都会像正式运行时那样读取、排版、分词并打上标签。</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Only tokens with a label are learnt. Where few have one, most of the time goes into nothing; where prompts have one, the model learns to ask.</source>
        <translation>只学习带标签的词元。带标签的太少，大部分时间就白费了；提示词带了标签，模型就会学着提问。</translation>
    </message>
    <message>
        <source>Rows without labels</source>
        <translation>无标签的行</translation>
    </message>
    <message>
        <source>Such rows are left out: nothing in them could be learnt.</source>
        <translation>这些行会被略过：其中没有可学的内容。</translation>
    </message>
    <message>
        <source>Template closes turns</source>
        <translation>模板结束轮次</translation>
    </message>
    <message>
        <source>A model that never sees the end of an answer does not learn to stop: it talks on until the limit.</source>
        <translation>从未见过回答结尾的模型学不会停止：它会一直说到上限为止。</translation>
    </message>
    <message>
        <source>Truncation</source>
        <translation>截断</translation>
    </message>
    <message>
        <source>Rows are cut at max_length, at their end, where the answer is.</source>
        <translation>行在 max_length 处从末尾截断，而回答正在末尾。</translation>
    </message>
    <message>
        <source>Duplicates</source>
        <translation>重复</translation>
    </message>
    <message>
        <source>A row that stands twice counts twice and is sooner learnt by heart.</source>
        <translation>出现两次的行权重加倍，也更容易被死记硬背。</translation>
    </message>
    <message>
        <source>A loss on rows that are trained on falls even where nothing general is learnt: it cannot warn of overfitting.</source>
        <translation>在训练过的行上，即使没有学到任何通用规律，损失也会下降：它无法提示过拟合。</translation>
    </message>
    <message>
        <source>Evaluation</source>
        <translation>评估</translation>
    </message>
    <message>
        <source>Rows that are never trained on show whether what is learnt holds elsewhere.</source>
        <translation>从不参与训练的行能显示所学内容是否具有泛化性。</translation>
    </message>
    <message>
        <source>Placeholders</source>
        <translation>占位符</translation>
    </message>
    <message>
        <source>The model learns to say them, braces and all.</source>
        <translation>模型会连同花括号一起学会说出它们。</translation>
    </message>
    <message>
        <source>Special tokens in texts</source>
        <translation>文本中的特殊词元</translation>
    </message>
    <message>
        <source>Spelt out in a text, an end of turn ends the turn.</source>
        <translation>文本里如果写出了轮次结束符，该轮次就会在此结束。</translation>
    </message>
    <message>
        <source>Two beginnings</source>
        <translation>重复的起始符</translation>
    </message>
    <message>
        <source>Template and tokenizer both wanted to begin the text; one of them is enough.</source>
        <translation>模板和分词器都添加了文本起始符；只需一个。</translation>
    </message>
    <message>
        <source>Template learns the end of a turn</source>
        <translation>模板学习轮次的结束</translation>
    </message>
    <message>
        <source>A model that does not learn the token that ends an answer does not learn to stop.</source>
        <translation>没有学到结束回答的词元的模型学不会停下。</translation>
    </message>
    <message>
        <source>Template&apos;s generation blocks</source>
        <translation>模板的 generation 块</translation>
    </message>
    <message>
        <source>What the template marks as generated is what is learnt; where it cannot be found, the turn is masked.</source>
        <translation>模板标记为生成的内容才会被学习；找不到时，该轮次会被掩码。</translation>
    </message>
    <message>
        <source>Tool calls</source>
        <translation>工具调用</translation>
    </message>
    <message>
        <source>A call that the template leaves out would teach the model to say nothing where it should call a tool.</source>
        <translation>若模板略去某次调用，模型会学到在应调用工具之处什么也不说。</translation>
    </message>
    <message>
        <source>Lists of tools</source>
        <translation>工具列表</translation>
    </message>
    <message>
        <source>A model that never sees which tools there are learns to call them by heart.</source>
        <translation>从未见过有哪些工具的模型，只能凭记忆学会调用它们。</translation>
    </message>
    <message>
        <source>A table read as text</source>
        <translation>被当作文本读取的表格</translation>
    </message>
    <message>
        <source>The columns of a table are told apart by the file&apos;s name or by its header.</source>
        <translation>表格的各列由文件名或表头区分。</translation>
    </message>
    <message>
        <source>No chat template</source>
        <translation>无对话模板</translation>
    </message>
    <message>
        <source>Conversations are laid out in a plain way, which has to be used when asking the model later, too.</source>
        <translation>对话以简单格式排版，之后向模型提问时也必须使用同样的格式。</translation>
    </message>
    <message>
        <source>Token cache</source>
        <translation>词元缓存</translation>
    </message>
    <message>
        <source>Tokens of files read before are kept to start quicker; without it the file is read again.</source>
        <translation>已读取文件的词元会保留下来以加快启动；没有缓存时会重新读取文件。</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>Positions that the model has never seen are understood badly.</source>
        <translation>模型从未见过的位置，理解效果会很差。</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>调度</translation>
    </message>
    <message>
        <source>The learning rate rises over the warm-up and falls until the end; both have to fit into the run.</source>
        <translation>学习率在预热期间上升，之后一直下降到结束；两个阶段都必须容纳在运行之内。</translation>
    </message>
    <message>
        <source>Learning rate in range</source>
        <translation>学习率在合理范围</translation>
    </message>
    <message>
        <source>What reaches the weights grows with the rate and, for LoRA, with lora_alpha. The usual value falls with the model&apos;s width.</source>
        <translation>权重的实际变化幅度随学习率增大，对 LoRA 还随 lora_alpha 增大。模型越宽，常用值越小。</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Predicted to the byte before anything is loaded. A run that does not fit says so here, not in the middle.</source>
        <translation>在加载任何内容之前精确预测到字节。放不下的运行会在这里提示，而不是中途失败。</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>磁盘</translation>
    </message>
    <message>
        <source>Checkpoints and the result have to fit, with one more being written.</source>
        <translation>磁盘须容得下检查点和结果，另加一个正在写入的检查点。</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>加载</translation>
    </message>
    <message>
        <source>The weights are read as the run will read them.</source>
        <translation>按运行时的方式读取权重。</translation>
    </message>
    <message>
        <source>Longest rows first</source>
        <translation>最长的行优先</translation>
    </message>
    <message>
        <source>A step on the longest rows, up to the update: the run meets nothing worse later.</source>
        <translation>在最长的行上执行一步，直到参数更新：之后的运行不会遇到更坏的情况。</translation>
    </message>
    <message>
        <source>Gradient is not zero</source>
        <translation>梯度不为零</translation>
    </message>
    <message>
        <source>A projection without a gradient learns nothing, however long the run is.</source>
        <translation>没有梯度的投影，无论运行多久都学不到东西。</translation>
    </message>
    <message>
        <source>First loss</source>
        <translation>初始损失</translation>
    </message>
    <message>
        <source>A trained model does better than guessing, ln V. Where it does not, it reads something else than what you see.</source>
        <translation>训练过的模型应优于盲猜（ln V）。若并非如此，它读到的内容就与你看到的不同。</translation>
    </message>
    <message>
        <source>Training and evaluation agree</source>
        <translation>训练与评估一致</translation>
    </message>
    <message>
        <source>One batch through the training, the evaluation and the KV-cache path. Where they differ, the loss you see is not the model you get.</source>
        <translation>让一个批次分别通过训练、评估和 KV 缓存路径。若结果不同，你看到的损失就不是最终模型的损失。</translation>
    </message>
    <message>
        <source>First loss and base model</source>
        <translation>初始损失与基座模型</translation>
    </message>
    <message>
        <source>A new adapter begins as nothing, so that its first loss is the base model&apos;s own; one that goes on should be better.</source>
        <translation>新的适配器从零开始，因此其初始损失就是基座模型的损失；继续训练的适配器则应更好。</translation>
    </message>
    <message>
        <source>not set</source>
        <translation>未设置</translation>
    </message>
    <message>
        <source>set</source>
        <translation>已设置</translation>
    </message>
    <message>
        <source>%1: %2 to %3</source>
        <translation>%1：%2 改为 %3</translation>
    </message>
    <message>
        <source>Pass</source>
        <translation>通过</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>Fail</source>
        <translation>未通过</translation>
    </message>
    <message>
        <source>Evaluation rows that are trained on</source>
        <translation>也用于训练的评估行</translation>
    </message>
</context>
<context>
    <name>ComparedRun</name>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>How the run ended, or what it is doing.</source>
        <translation>运行如何结束，或正在做什么。</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>步数</translation>
    </message>
    <message>
        <source>Optimizer steps done, of those planned.</source>
        <translation>已完成的优化器步数与计划步数。</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Tokens trained on, over all epochs; nothing is padded.</source>
        <translation>所有轮中训练过的词元数；没有任何填充。</translation>
    </message>
    <message>
        <source>Mean over the last tenth of the steps, in nats; every row weighs the same.</source>
        <translation>最后十分之一步的均值，单位 nat；每行权重相同。</translation>
    </message>
    <message>
        <source>Held-out loss, last</source>
        <translation>留出损失（最后）</translation>
    </message>
    <message>
        <source>Per token, on rows that are never trained on. Comparable where the rows are the same.</source>
        <translation>在从不参与训练的行上的每词元损失。行相同时可以比较。</translation>
    </message>
    <message>
        <source>Held-out loss, best</source>
        <translation>留出损失（最佳）</translation>
    </message>
    <message>
        <source>The lowest of all evaluations. Much lower than the last: the run learnt by heart after it.</source>
        <translation>所有评估中的最低值。若远低于最后一次，说明之后的训练是在死记硬背。</translation>
    </message>
    <message>
        <source>%1 at step %2</source>
        <translation>%1（第 %2 步）</translation>
    </message>
    <message>
        <source>Token accuracy</source>
        <translation>词元准确率</translation>
    </message>
    <message>
        <source>How often the likeliest token was the right one, in the last step.</source>
        <translation>在最后一步中，概率最高的词元恰为正确词元的比例。</translation>
    </message>
    <message>
        <source>Training time</source>
        <translation>训练时间</translation>
    </message>
    <message>
        <source>All steps together, without loading and evaluations.</source>
        <translation>所有步的总时间，不含加载和评估。</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>词元/秒</translation>
    </message>
    <message>
        <source>Over the whole run. Comparable on the same device.</source>
        <translation>整个运行的平均值。仅在同一设备上可比较。</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>峰值内存</translation>
    </message>
    <message>
        <source>The most that the run took of its device&apos;s memory.</source>
        <translation>运行占用其设备内存的最大值。</translation>
    </message>
    <message>
        <source>Parity</source>
        <translation>一致性</translation>
    </message>
    <message>
        <source>The last check of training, evaluation and KV-cache path against the plain reference.</source>
        <translation>训练、评估和 KV 缓存路径与朴素参考的最近一次对照检查。</translation>
    </message>
    <message>
        <source>Loss per token, last tenth</source>
        <translation>每词元损失，最后十分之一</translation>
    </message>
    <message>
        <source>Mean over the last tenth of the steps, in nats: a single step&apos;s goes up and down with its rows.</source>
        <translation>最后十分之一的步的平均值，单位为 nat：单独一步的损失随其数据行上下波动。</translation>
    </message>
    <message>
        <source>Loss per sequence, last tenth</source>
        <translation>每序列损失，最后十分之一</translation>
    </message>
</context>
<context>
    <name>DisplayGuard</name>
    <message>
        <source>display: got &quot;%1&quot; from Qt, expected one that answers. Set DISPLAY or WAYLAND_DISPLAY to one that runs, or QT_QPA_PLATFORM=offscreen to take a picture by --screenshot; or use vernier-cli.</source>
        <translation>显示：Qt 报告“%1”，应有能应答的显示服务。请把 DISPLAY 或 WAYLAND_DISPLAY 设为正在运行的显示服务，或设 QT_QPA_PLATFORM=offscreen 后用 --screenshot 截图；也可以使用 vernier-cli。</translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source>Loading weights</source>
        <translation>正在加载权重</translation>
    </message>
    <message>
        <source>Reading data</source>
        <translation>正在读取数据</translation>
    </message>
    <message>
        <source>Reading evaluation data</source>
        <translation>正在读取评估数据</translation>
    </message>
    <message>
        <source>Reading files</source>
        <translation>正在读取文件</translation>
    </message>
    <message>
        <source>Reading the model&apos;s configuration</source>
        <translation>正在读取模型配置</translation>
    </message>
    <message>
        <source>Predicting memory</source>
        <translation>正在预测内存</translation>
    </message>
    <message>
        <source>Timing a step</source>
        <translation>正在为一步计时</translation>
    </message>
    <message>
        <source>Trying the longest rows</source>
        <translation>正在试跑最长的行</translation>
    </message>
    <message>
        <source>Measuring the first loss</source>
        <translation>正在测量初始损失</translation>
    </message>
    <message>
        <source>Comparing training, evaluation and decoding</source>
        <translation>正在比较训练、评估和解码</translation>
    </message>
    <message>
        <source>Asking the base model</source>
        <translation>正在询问基座模型</translation>
    </message>
    <message>
        <source>Running the live model</source>
        <translation>正在运行当前模型</translation>
    </message>
    <message>
        <source>Writing</source>
        <translation>正在写入</translation>
    </message>
    <message>
        <source>Reading back</source>
        <translation>正在读回</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>正在检查</translation>
    </message>
    <message>
        <source>agrees</source>
        <translation>一致</translation>
    </message>
    <message>
        <source>drifting</source>
        <translation>有偏移</translation>
    </message>
    <message>
        <source>differs</source>
        <translation>不一致</translation>
    </message>
    <message>
        <source>Training, evaluation and KV-cache path agree with the reference.</source>
        <translation>训练、评估和 KV 缓存路径均与参考一致。</translation>
    </message>
    <message>
        <source>The %1 differs from the reference.</source>
        <translation>%1与参考不一致。</translation>
    </message>
    <message>
        <source>The %1 differs from the reference. %2</source>
        <translation>%1与参考不一致。%2</translation>
    </message>
    <message>
        <source>The %1 drifts from the reference.</source>
        <translation>%1与参考有偏移。</translation>
    </message>
    <message>
        <source>The %1 drifts from the reference. %2</source>
        <translation>%1与参考有偏移。%2</translation>
    </message>
    <message>
        <source>training path</source>
        <translation>训练路径</translation>
    </message>
    <message>
        <source>evaluation path</source>
        <translation>评估路径</translation>
    </message>
    <message>
        <source>KV-cache path</source>
        <translation>KV 缓存路径</translation>
    </message>
    <message>
        <source>The embeddings already differ: the table of tokens, or its scale.</source>
        <translation>嵌入就已不同：词元表或其缩放有误。</translation>
    </message>
    <message>
        <source>From layer %1 on tokens differ that have %2 or more before them: the attention mask is not that of the sliding window.</source>
        <translation>从第 %1 层起，前面有 %2 个或更多词元的词元出现差异：注意力掩码不是滑动窗口的掩码。</translation>
    </message>
    <message>
        <source>From layer %1 on later tokens differ while the first of every sequence agrees: rotary positions (RoPE) of queries and keys do not belong together.</source>
        <translation>从第 %1 层起，靠后的词元不同，而每个序列的首个词元一致：查询与键的旋转位置（RoPE）不匹配。</translation>
    </message>
    <message>
        <source>Or attention leaves out earlier tokens: a window, or a cache that loses some.</source>
        <translation>或者注意力漏掉了较早的词元：窗口所致，或缓存丢失了一些。</translation>
    </message>
    <message>
        <source>The same figures: a first token has no earlier ones to lose.</source>
        <translation>同样的数字：首个词元之前没有可丢失的词元。</translation>
    </message>
    <message>
        <source>From layer %1 on every sequence differs but the first: attention reaches over the borders of packed sequences.</source>
        <translation>从第 %1 层起，除第一个序列外每个序列都不同：注意力越过了打包序列的边界。</translation>
    </message>
    <message>
        <source>From layer %1 on every token differs, as it would without the adapter: this path leaves it out.</source>
        <translation>从第 %1 层起，每个词元都不同，正如没有适配器时那样：这条路径漏掉了适配器。</translation>
    </message>
    <message>
        <source>From layer %1 on every token differs, as it would with another LoRA scale: %2 times what lora_alpha and r (%3) give.</source>
        <translation>从第 %1 层起，每个词元都不同，正如 LoRA 的缩放有误时那样：是 lora_alpha 与 r（%3）所给缩放的 %2 倍。</translation>
    </message>
    <message>
        <source>From layer %1 on the first tokens differ, but not when they stand alone: the attention mask lets them see others.</source>
        <translation>从第 %1 层起，首个词元不同，但单独运行时一致：注意力掩码让它们看到了别的词元。</translation>
    </message>
    <message>
        <source>From layer %1 on every token differs, as it would with other norms: their epsilon seems to be %2, not %3.</source>
        <translation>从第 %1 层起，每个词元都不同，正如换了归一化时那样：其 epsilon 似乎是 %2，而不是 %3。</translation>
    </message>
    <message>
        <source>From layer %1 on every token differs, even alone: a weight, a scale or the activation of that layer is not the model&apos;s.</source>
        <translation>从第 %1 层起，每个词元都不同，单独运行也一样：该层的某个权重、缩放或激活函数与模型不符。</translation>
    </message>
    <message>
        <source>From layer %1 on every token differs, the first as well: the attention mask lets it see entries of the cache that hold no token.</source>
        <translation>从第 %1 层起，每个词元都不同，首个词元也一样：注意力掩码让它看到了缓存中没有词元的位置。</translation>
    </message>
    <message>
        <source>Or a weight, a scale or the activation of that layer is not the model&apos;s.</source>
        <translation>或者该层的某个权重、缩放或激活函数与模型不符。</translation>
    </message>
    <message>
        <source>The same figures.</source>
        <translation>同样的数字。</translation>
    </message>
    <message>
        <source>The logits hold NaN or infinity: weights are damaged, or values have grown out of range.</source>
        <translation>logit 中含有 NaN 或无穷大：权重已损坏，或数值超出了范围。</translation>
    </message>
    <message>
        <source>%1 of %2 logits are no finite numbers.</source>
        <translation>%2 个 logit 中有 %1 个不是有限数。</translation>
    </message>
    <message>
        <source>Two runs with different seeds differ from each other: dropout is on in this path.</source>
        <translation>随机种子不同的两次运行彼此不同：这条路径上开着 dropout。</translation>
    </message>
    <message>
        <source>The logits of the two runs lie %1 of their spread apart, and %2 from the reference (rounding stays below %3).</source>
        <translation>两次运行的 logit 相差其离散度的 %1，与参考相差 %2（舍入低于 %3）。</translation>
    </message>
    <message>
        <source>The logits agree and the losses do not: the fused loss head, or its targets.</source>
        <translation>logit 一致而损失不一致：融合的损失输出头或其目标有误。</translation>
    </message>
    <message>
        <source>The logits deviate by %1 of their spread (rounding stays below %2), the losses by more.</source>
        <translation>logit 偏差为其离散度的 %1（舍入低于 %2），损失的偏差更大。</translation>
    </message>
    <message>
        <source>One token is the arg-max at %1 % of the positions (reference: %2 %) although the hidden states agree: the logits have collapsed to one row.</source>
        <translation>同一词元在 %1% 的位置上是 arg-max（参考：%2%），而隐藏状态一致：logit 已坍缩成一行。</translation>
    </message>
    <message>
        <source>The hidden states agree and the logits are those of the token before: their rows are off by one.</source>
        <translation>隐藏状态一致，而 logit 是前一个词元的：取 logit 的行错开了一位。</translation>
    </message>
    <message>
        <source>The hidden states agree and the logits do not: the head&apos;s weight, scale or soft cap.</source>
        <translation>隐藏状态一致而 logit 不一致：输出头的权重、缩放或软上限有误。</translation>
    </message>
    <message>
        <source>No hidden state deviates by more than %1 of its length, the logits by %2 of their spread (rounding stays below %3).</source>
        <translation>没有隐藏状态的偏差超过其长度的 %1，而 logit 的偏差为其离散度的 %2（舍入低于 %3）。</translation>
    </message>
    <message>
        <source>In %1, the worst token deviates by %2 of its length (rounding stays below %3); the first tokens of the sequences by at most %4.</source>
        <translation>在%1中，最差的词元偏差为其长度的 %2（舍入低于 %3）；各序列的首个词元至多偏差 %4。</translation>
    </message>
    <message>
        <source>In %1, the worst token deviates by %2 of its length (rounding stays below %3); the first tokens of the sequences by at most %4, and alone by less than rounding.</source>
        <translation>在%1中，最差的词元偏差为其长度的 %2（舍入低于 %3）；各序列的首个词元至多偏差 %4，单独运行时小于舍入。</translation>
    </message>
    <message>
        <source>In %1, the worst token deviates by %2 of its length (rounding stays below %3); the first tokens of the sequences by at most %4, even alone; no epsilon of the norms explains more than %5 % of it.</source>
        <translation>在%1中，最差的词元偏差为其长度的 %2（舍入低于 %3）；各序列的首个词元至多偏差 %4，单独运行也一样；归一化的任何 epsilon 都只能解释其中不超过 %5%。</translation>
    </message>
    <message>
        <source>In %1, the worst token deviates by %2 of its length (rounding stays below %3); the first tokens of the sequences by at most %4; the tokens of the first sequence by at most %5.</source>
        <translation>在%1中，最差的词元偏差为其长度的 %2（舍入低于 %3）；各序列的首个词元至多偏差 %4；第一个序列的词元至多偏差 %5。</translation>
    </message>
    <message>
        <source>In %1, the worst token deviates by %2 of its length (rounding stays below %3); the reference with that takes away %4 % of that.</source>
        <translation>在%1中，最差的词元偏差为其长度的 %2（舍入低于 %3）；参考也这样计算后，消除了其中的 %4%。</translation>
    </message>
    <message>
        <source>In %1, the worst token deviates by %2 of its length (rounding stays below %3); the reference with an epsilon of %4 takes away %5 % of that.</source>
        <translation>在%1中，最差的词元偏差为其长度的 %2（舍入低于 %3）；参考改用 %4 作 epsilon 后，消除了其中的 %5%。</translation>
    </message>
    <message>
        <source>In %1, the worst token deviates by %2 of its length (rounding stays below %3); tokens with fewer than %4 before them by at most %5.</source>
        <translation>在%1中，最差的词元偏差为其长度的 %2（舍入低于 %3）；前面不足 %4 个词元的词元至多偏差 %5。</translation>
    </message>
    <message>
        <source>In %1, the worst token deviates by %2 of its length (rounding stays below %3).</source>
        <translation>在%1中，最差的词元偏差为其长度的 %2（舍入低于 %3）。</translation>
    </message>
    <message>
        <source>the embeddings</source>
        <translation>嵌入</translation>
    </message>
    <message>
        <source>the state after the final norm</source>
        <translation>最终归一化之后的状态</translation>
    </message>
    <message>
        <source>what layer %1 leaves</source>
        <translation>第 %1 层的输出</translation>
    </message>
    <message>
        <source>every key is known and every value is in its range.</source>
        <translation>每个键都已知，每个值都在其范围内。</translation>
    </message>
    <message>
        <source>every value is in its range.</source>
        <translation>每个值都在其范围内。</translation>
    </message>
    <message>
        <source>Correct the run file; README.md lists its keys.</source>
        <translation>请更正运行配置文件；README.md 列出了它的键。</translation>
    </message>
    <message>
        <source>this build does all that the run file asks for.</source>
        <translation>此版本能完成运行配置文件所要求的一切。</translation>
    </message>
    <message>
        <source>Take &quot;none&quot;: weights in 4 bits cannot be trained.</source>
        <translation>请选“none”：4 位权重无法训练。</translation>
    </message>
    <message>
        <source>computes on %1 in %2, %3 are free.</source>
        <translation>在 %1 上以 %2 计算，可用内存 %3。</translation>
    </message>
    <message>
        <source>Choose another --device, or another dtype.</source>
        <translation>请另选 --device 或 dtype。</translation>
    </message>
    <message>
        <source>a %1 of %2 layers, %3 parameters.</source>
        <translation>%1，%2 层，%3 个参数。</translation>
    </message>
    <message>
        <source>Name the folder of a Hugging Face checkpoint in model_name_or_path.</source>
        <translation>请在 model_name_or_path 中给出 Hugging Face 检查点所在的文件夹。</translation>
    </message>
    <message>
        <source>random ones, as init_from_config asks for.</source>
        <translation>随机权重，正如 init_from_config 所要求。</translation>
    </message>
    <message>
        <source>every tensor is there in its shape.</source>
        <translation>每个张量都在，形状正确。</translation>
    </message>
    <message>
        <source>%1 tensors, such as %2, are not called for by config.json and are not used.</source>
        <translation>有 %1 个张量（例如 %2）是 config.json 不需要的，不会使用。</translation>
    </message>
    <message>
        <source>Make sure that config.json belongs to these weights.</source>
        <translation>请确认 config.json 与这些权重相配。</translation>
    </message>
    <message>
        <source>Get the checkpoint&apos;s files again, complete.</source>
        <translation>请重新获取完整的检查点文件。</translation>
    </message>
    <message>
        <source>Get the checkpoint&apos;s files again, complete, as safetensors.</source>
        <translation>请重新获取完整的检查点文件，采用 safetensors 格式。</translation>
    </message>
    <message>
        <source>none: all weights are trained.</source>
        <translation>无：训练全部权重。</translation>
    </message>
    <message>
        <source>goes on from the adapter given: %1 projections, %2 parameters.</source>
        <translation>从给定的适配器继续：%1 个投影，%2 个参数。</translation>
    </message>
    <message>
        <source>a new one: %1 projections, %2 parameters.</source>
        <translation>新适配器：%1 个投影，%2 个参数。</translation>
    </message>
    <message>
        <source>Correct adapter_name_or_path, or begin with a new adapter.</source>
        <translation>请更正 adapter_name_or_path，或从新适配器开始。</translation>
    </message>
    <message>
        <source>Correct lora; &quot;all-linear&quot; takes every projection there is.</source>
        <translation>请更正 lora；“all-linear”会采用所有投影。</translation>
    </message>
    <message>
        <source>none, and a batch file needs none.</source>
        <translation>无，批次文件也不需要。</translation>
    </message>
    <message>
        <source>it knows %1 tokens, the model %2: a row that uses one of the others is refused.</source>
        <translation>它认识 %1 个词元，模型认识 %2 个：用到其余词元的行会被拒绝。</translation>
    </message>
    <message>
        <source>The tokenizer knows %1 tokens, the model %2: a row that uses one of the others is refused.</source>
        <translation>分词器认识 %1 个词元，模型认识 %2 个：用到其余词元的行会被拒绝。</translation>
    </message>
    <message>
        <source>Make sure that the tokenizer belongs to this model.</source>
        <translation>请确认分词器与此模型相配。</translation>
    </message>
    <message>
        <source>Put the tokenizer&apos;s files into the model&apos;s folder.</source>
        <translation>请把分词器的文件放进模型的文件夹。</translation>
    </message>
    <message>
        <source>Put the tokenizer&apos;s files (tokenizer.json or tokenizer.model) into the model&apos;s folder.</source>
        <translation>请把分词器的文件（tokenizer.json 或 tokenizer.model）放进模型的文件夹。</translation>
    </message>
    <message>
        <source>none; only conversations need one.</source>
        <translation>无；只有对话才需要。</translation>
    </message>
    <message>
        <source>the model&apos;s.</source>
        <translation>模型自带的模板。</translation>
    </message>
    <message>
        <source>Correct chat_template, or leave it out to use the model&apos;s.</source>
        <translation>请更正 chat_template，或将其略去以使用模型自带的模板。</translation>
    </message>
    <message>
        <source>Correct the chat template, or choose a built-in one for the data.</source>
        <translation>请更正对话模板，或为数据选择内置模板。</translation>
    </message>
    <message>
        <source>%1 rows (%2), %3 tokens, %4 of them with a label.</source>
        <translation>%1 行（%2），%3 个词元，其中 %4 个带有标签。</translation>
    </message>
    <message>
        <source>a batch file of %1 rows.</source>
        <translation>含 %1 行的批次文件。</translation>
    </message>
    <message>
        <source>on %1 rows.</source>
        <translation>在 %1 行上评估。</translation>
    </message>
    <message>
        <source>Correct the data file, or dataset.format and dataset.columns; vernier-cli data --rows shows rows.</source>
        <translation>请更正数据文件，或 dataset.format 和 dataset.columns；vernier-cli data --rows 可显示数据行。</translation>
    </message>
    <message>
        <source>%1 of %2 tokens (%3) have a label: %4. Nearly all of the time goes into tokens that teach nothing.</source>
        <translation>%2 个词元中有 %1 个（%3）带有标签：%4。几乎全部时间都花在教不了什么的词元上。</translation>
    </message>
    <message>
        <source>%1 of %2 tokens (%3) have a label: %4.</source>
        <translation>%2 个词元中有 %1 个（%3）带有标签：%4。</translation>
    </message>
    <message>
        <source>what the assistant says, where it lies in the completion</source>
        <translation>补全中助手所说的内容</translation>
    </message>
    <message>
        <source>what the assistant says</source>
        <translation>助手所说的内容</translation>
    </message>
    <message>
        <source>the completion</source>
        <translation>补全</translation>
    </message>
    <message>
        <source>everything, prompts too</source>
        <translation>全部内容，包括提示词</translation>
    </message>
    <message>
        <source>Look at the rows&apos; masks; raise max_length where answers are cut off.</source>
        <translation>请查看各行的掩码；若回答被截断，请增大 max_length。</translation>
    </message>
    <message>
        <source>Raise max_length.</source>
        <translation>请增大 max_length。</translation>
    </message>
    <message>
        <source>Learn from every turn, or correct the roles.</source>
        <translation>请学习每一轮，或更正角色。</translation>
    </message>
    <message>
        <source>no conversation ends without the special token that ends the assistant&apos;s turn.</source>
        <translation>每段对话都以结束助手轮次的特殊词元收尾。</translation>
    </message>
    <message>
        <source>no row is cut at max_length %1.</source>
        <translation>没有行在 max_length %1 处被截断。</translation>
    </message>
    <message>
        <source>no row gives the tokens and labels of another.</source>
        <translation>没有行与另一行的词元和标签相同。</translation>
    </message>
    <message>
        <source>none of the %1 rows to evaluate on is trained on.</source>
        <translation>用于评估的 %1 行均不参与训练。</translation>
    </message>
    <message>
        <source>%1 of the %2 rows to evaluate on are also trained on: the evaluation shows what was learnt by heart, too.</source>
        <translation>用于评估的 %2 行中有 %1 行也参与训练：评估也会反映死记的内容。</translation>
    </message>
    <message>
        <source>rows of up to %1 tokens, and the model was made for %2.</source>
        <translation>最长的行有 %1 个词元，而模型是为 %2 个词元设计的。</translation>
    </message>
    <message>
        <source>Lower max_length to %1.</source>
        <translation>请把 max_length 减小到 %1。</translation>
    </message>
    <message>
        <source>no row is longer than the %1 tokens that the model was made for.</source>
        <translation>没有行超过模型设计所支持的 %1 个词元。</translation>
    </message>
    <message>
        <source>%1 of the %2 rows of %3 have no token with a label and are left out (%4).</source>
        <translation>%3 的 %2 行中有 %1 行没有带标签的词元，因而被略去（%4）。</translation>
    </message>
    <message>
        <source>%1 whose labels all lie behind max_length</source>
        <translation>%1 行的标签全在 max_length 之后</translation>
    </message>
    <message>
        <source>%1 without a turn of the assistant</source>
        <translation>%1 行没有助手的轮次</translation>
    </message>
    <message>
        <source>%1 with nothing to learn in them</source>
        <translation>%1 行没有可学的内容</translation>
    </message>
    <message>
        <source>%1 whose own labels are all -100 behind the never predicted first token</source>
        <translation>%1 行在从不预测的首词元之后自带标签全为 -100</translation>
    </message>
    <message>
        <source>%1 of the %2 rows of %3 end the assistant&apos;s turn without a special token of this tokenizer: a model that learns from them does not learn to stop.</source>
        <translation>%3 的 %2 行中有 %1 行在助手轮次末尾没有此分词器的特殊词元：由此学习的模型学不会停下。</translation>
    </message>
    <message>
        <source>Choose a chat_template whose end of turn is one token.</source>
        <translation>请选择以单个词元结束轮次的 chat_template。</translation>
    </message>
    <message>
        <source>%1 of the %2 rows of %3 are longer than max_length %4 and are cut.</source>
        <translation>%3 的 %2 行中有 %1 行超过 max_length %4，被截断。</translation>
    </message>
    <message>
        <source>Raise max_length, or split long rows with &quot;packing&quot;: &quot;bfd_split&quot;.</source>
        <translation>请增大 max_length，或用 &quot;packing&quot;: &quot;bfd_split&quot; 拆分长行。</translation>
    </message>
    <message>
        <source>%1 of the %2 rows of %3 give exactly the tokens and labels of an earlier one.</source>
        <translation>%3 的 %2 行中有 %1 行的词元和标签与先前某行完全相同。</translation>
    </message>
    <message>
        <source>%1 of the %2 rows of %3 spell a special token in their content: the model reads it as the token itself.</source>
        <translation>%3 的 %2 行中有 %1 行在内容里写出了特殊词元：模型会把它读作该词元本身。</translation>
    </message>
    <message>
        <source>%1 of the %2 rows of %3 hold a placeholder such as {{name}} that was never filled in.</source>
        <translation>%3 的 %2 行中有 %1 行含有从未填入的占位符，例如 {{name}}。</translation>
    </message>
    <message>
        <source>%1 of the %2 rows of %3 bring a BOS of their own: the tokenizer&apos;s second one is left out.</source>
        <translation>%3 的 %2 行中有 %1 行自带 BOS：分词器的第二个 BOS 会略去。</translation>
    </message>
    <message>
        <source>%1 of the %2 rows of %3 are conversations, and the model has no chat template: they are laid out in Alpaca&apos;s way.</source>
        <translation>%3 的 %2 行中有 %1 行是对话，而模型没有对话模板：它们按 Alpaca 的方式排布。</translation>
    </message>
    <message>
        <source>Choose one with chat_template.</source>
        <translation>请用 chat_template 选择一个。</translation>
    </message>
    <message>
        <source>%1 steps, %2 of them to warm up.</source>
        <translation>%1 步，其中 %2 步用于预热。</translation>
    </message>
    <message>
        <source>the run has only %1 steps: hardly anything will be learnt.</source>
        <translation>整个训练只有 %1 步：几乎学不到什么。</translation>
    </message>
    <message>
        <source>Take fewer rows a step.</source>
        <translation>每步少取一些行。</translation>
    </message>
    <message>
        <source>Train on them more often.</source>
        <translation>让这些行多学几遍。</translation>
    </message>
    <message>
        <source>the learning rate warms up for %1 steps, and the run has %2 steps: it never reaches learning_rate.</source>
        <translation>学习率预热 %1 步，而运行只有 %2 步：永远达不到 learning_rate。</translation>
    </message>
    <message>
        <source>Lower warmup_steps or warmup_ratio, or train longer.</source>
        <translation>请减小 warmup_steps 或 warmup_ratio，或训练更久。</translation>
    </message>
    <message>
        <source>learning_rate is 0: nothing will change in %1 steps.</source>
        <translation>learning_rate 为 0：%1 步内什么也不会改变。</translation>
    </message>
    <message>
        <source>Set learning_rate to %1, say.</source>
        <translation>例如把 learning_rate 设为 %1。</translation>
    </message>
    <message>
        <source>up to %1; about %2 is usual for all weights of a model of this width.</source>
        <translation>最高 %1；对这一宽度的模型训练全部权重时，通常约为 %2。</translation>
    </message>
    <message>
        <source>learning_rate %1 is so high that training usually falls apart; about %2 is usual for all weights of a model of this width.</source>
        <translation>learning_rate %1 过高，训练通常会崩溃；对这一宽度的模型训练全部权重时，通常约为 %2。</translation>
    </message>
    <message>
        <source>learning_rate %1 is so low that little will be learnt; about %2 is usual for all weights of a model of this width.</source>
        <translation>learning_rate %1 过低，几乎学不到什么；对这一宽度的模型训练全部权重时，通常约为 %2。</translation>
    </message>
    <message>
        <source>up to %1; about %2 is usual for this width, with this lora_alpha and rank.</source>
        <translation>最高 %1；对这一宽度以及这样的 lora_alpha 和秩，通常约为 %2。</translation>
    </message>
    <message>
        <source>learning_rate %1 is so high that training usually falls apart; about %2 is usual for this width, with this lora_alpha and rank.</source>
        <translation>learning_rate %1 过高，训练通常会崩溃；对这一宽度以及这样的 lora_alpha 和秩，通常约为 %2。</translation>
    </message>
    <message>
        <source>learning_rate %1 is so low that little will be learnt; about %2 is usual for this width, with this lora_alpha and rank.</source>
        <translation>learning_rate %1 过低，几乎学不到什么；对这一宽度以及这样的 lora_alpha 和秩，通常约为 %2。</translation>
    </message>
    <message>
        <source>the run&apos;s peak will be %1, and %2 are free; recompute is &quot;%3&quot;.</source>
        <translation>运行的峰值将为 %1，可用 %2；recompute 为“%3”。</translation>
    </message>
    <message>
        <source>the run&apos;s peak will be %1, and %2 are free, with %3 of the computer&apos;s memory beside; recompute is &quot;%4&quot;.</source>
        <translation>运行的峰值将为 %1，可用 %2，另需主机内存 %3；recompute 为“%4”。</translation>
    </message>
    <message>
        <source>Lower per_device_train_batch_size (and raise gradient_accumulation_steps), or max_length, to leave others some room.</source>
        <translation>请减小 per_device_train_batch_size（并增大 gradient_accumulation_steps）或 max_length，给其他程序留出余地。</translation>
    </message>
    <message>
        <source>Do as the message says, or use another device.</source>
        <translation>请照消息所说处理，或改用其他设备。</translation>
    </message>
    <message>
        <source>checkpoints and the result take about %1, and %2 are free at %3.</source>
        <translation>检查点和结果约占 %1，%3 处可用 %2。</translation>
    </message>
    <message>
        <source>checkpoints and the result take about %1 and the record %2: %3 in all, and %4 are free at %5.</source>
        <translation>检查点和结果约占 %1，记录约占 %2，共 %3；%5 处可用 %4。</translation>
    </message>
    <message>
        <source>checkpoints and the result take about %1, captured logits %2, the record %3: %4 in all, and %5 are free at %6.</source>
        <translation>检查点和结果约占 %1，捕获的 logit 约占 %2，记录约占 %3，共 %4；%6 处可用 %5。</translation>
    </message>
    <message>
        <source>Choose a folder on another disk with --out.</source>
        <translation>请用 --out 选择另一磁盘上的文件夹。</translation>
    </message>
    <message>
        <source>Free some room, choose another place with --out, or lower save_total_limit.</source>
        <translation>请腾出空间，用 --out 另选位置，或减小 save_total_limit。</translation>
    </message>
    <message>
        <source>Free some room, choose another place with --out, or raise return_logits.every.</source>
        <translation>请腾出空间，用 --out 另选位置，或增大 return_logits.every。</translation>
    </message>
    <message>
        <source>weights, gradients, optimizer and room for the passes take %1; loaded in %2 s.</source>
        <translation>权重、梯度、优化器和计算所需空间共占 %1；加载用时 %2 秒。</translation>
    </message>
    <message>
        <source>the loss of row %1 is no finite number before anything was trained.</source>
        <translation>尚未训练，第 %1 行的损失就不是有限数。</translation>
    </message>
    <message>
        <source>Get the weights again, or compute in float32.</source>
        <translation>请重新获取权重，或以 float32 计算。</translation>
    </message>
    <message>
        <source>the largest micro-batch, %1 sequences of %2 tokens together, takes %3 ms and %4 at its peak, %5 predicted.</source>
        <translation>最大的微批次共 %1 个序列、%2 个词元，用时 %3 毫秒，峰值 %4（预测 %5）。</translation>
    </message>
    <message>
        <source>Leave the device more free memory than was predicted.</source>
        <translation>请为设备留出比预测更多的可用内存。</translation>
    </message>
    <message>
        <source>the gradient is no finite number.</source>
        <translation>梯度不是有限数。</translation>
    </message>
    <message>
        <source>Compute in float32, or look at the weights.</source>
        <translation>请以 float32 计算，或检查权重。</translation>
    </message>
    <message>
        <source>every gradient is exactly 0: nothing would be learnt.</source>
        <translation>所有梯度都恰好为 0：什么也学不到。</translation>
    </message>
    <message>
        <source>its norm is %1, but %2 of %3 projections get none, such as %4.</source>
        <translation>其范数为 %1，但 %3 个投影中有 %2 个得不到梯度，例如 %4。</translation>
    </message>
    <message>
        <source>its norm is %1, next to nothing: what is learnt drowns in rounding.</source>
        <translation>其范数为 %1，近乎为零：学到的会淹没在舍入中。</translation>
    </message>
    <message>
        <source>its norm is %1, and nothing clips it.</source>
        <translation>其范数为 %1，且没有裁剪。</translation>
    </message>
    <message>
        <source>Set max_grad_norm to 1.</source>
        <translation>请把 max_grad_norm 设为 1。</translation>
    </message>
    <message>
        <source>its norm is %1, and each of %2 projections gets some.</source>
        <translation>其范数为 %1，%2 个投影都得到梯度。</translation>
    </message>
    <message>
        <source>its norm is %1.</source>
        <translation>其范数为 %1。</translation>
    </message>
    <message>
        <source>Lower lora_dropout.</source>
        <translation>请减小 lora_dropout。</translation>
    </message>
    <message>
        <source>Begin with a new adapter: both matrices of this one are zero.</source>
        <translation>请从新适配器开始：这个适配器的两个矩阵都是零。</translation>
    </message>
    <message>
        <source>Look at the rows&apos; masks and at the model&apos;s weights.</source>
        <translation>请查看各行的掩码和模型的权重。</translation>
    </message>
    <message>
        <source>the first step&apos;s rows cost %1 nats a token; a blind guess over %2 tokens is ln V = %3. The model does worse than guessing.</source>
        <translation>第一步的数据行每词元损失 %1&#xa0;nat；在 %2 个词元中盲猜为 ln V = %3。模型比盲猜还差。</translation>
    </message>
    <message>
        <source>the first step&apos;s rows cost %1 nats a token; a blind guess over %2 tokens is ln V = %3. Random weights can do no better yet.</source>
        <translation>第一步的数据行每词元损失 %1&#xa0;nat；在 %2 个词元中盲猜为 ln V = %3。随机权重目前只能如此。</translation>
    </message>
    <message>
        <source>the first step&apos;s rows cost %1 nats a token; a blind guess over %2 tokens is ln V = %3. The model does no better than guessing.</source>
        <translation>第一步的数据行每词元损失 %1&#xa0;nat；在 %2 个词元中盲猜为 ln V = %3。模型不比盲猜更好。</translation>
    </message>
    <message>
        <source>the first step&apos;s rows cost %1 nats a token; a blind guess over %2 tokens is ln V = %3. The model knows these rows by heart: there is next to nothing to learn.</source>
        <translation>第一步的数据行每词元损失 %1&#xa0;nat；在 %2 个词元中盲猜为 ln V = %3。模型已背下这些行：几乎没有可学的了。</translation>
    </message>
    <message>
        <source>the first step&apos;s rows cost %1 nats a token; a blind guess over %2 tokens is ln V = %3.</source>
        <translation>第一步的数据行每词元损失 %1&#xa0;nat；在 %2 个词元中盲猜为 ln V = %3。</translation>
    </message>
    <message>
        <source>Look at the rows as the tokenizer sees them: tokenizer, chat template and labels have to be the model&apos;s.</source>
        <translation>请查看分词器眼中的数据行：分词器、对话模板和标签都须与模型相配。</translation>
    </message>
    <message>
        <source>Make sure that the weights are those of a trained model and that the tokenizer belongs to them.</source>
        <translation>请确认权重来自训练过的模型，且分词器与之相配。</translation>
    </message>
    <message>
        <source>Take rows that it has not seen, or train less.</source>
        <translation>请采用它没见过的行，或少训练一些。</translation>
    </message>
    <message>
        <source>nothing to compare: the first step&apos;s rows have a single token.</source>
        <translation>无可比较：第一步的数据行只有一个词元。</translation>
    </message>
    <message>
        <source>Compute in float32, and report this where it stays.</source>
        <translation>请以 float32 计算；若问题仍在，请报告。</translation>
    </message>
    <message>
        <source>What is evaluated is not what is trained: report this before trusting either.</source>
        <translation>评估的并不是所训练的：在相信任何一方之前，请先报告。</translation>
    </message>
    <message>
        <source>%1 with the adapter, %2 without it: a new adapter changes nothing.</source>
        <translation>有适配器时 %1，没有时 %2：新适配器不改变任何东西。</translation>
    </message>
    <message>
        <source>%1 with the adapter, %2 without it: a new adapter must not change anything.</source>
        <translation>有适配器时 %1，没有时 %2：新适配器本不应改变任何东西。</translation>
    </message>
    <message>
        <source>Report this: what is trained is not the model.</source>
        <translation>请报告此问题：所训练的不是该模型。</translation>
    </message>
    <message>
        <source>%1 with the adapter, %2 without it: the adapter given makes these rows harder.</source>
        <translation>有适配器时 %1，没有时 %2：给定的适配器使这些行更难。</translation>
    </message>
    <message>
        <source>Begin with a new adapter, or make sure that this one belongs to the model and the data.</source>
        <translation>请从新适配器开始，或确认这个适配器与模型和数据相配。</translation>
    </message>
    <message>
        <source>%1 with the adapter, %2 without it.</source>
        <translation>有适配器时 %1，没有时 %2。</translation>
    </message>
    <message>
        <source>Stopped before the first step.</source>
        <translation>在第一步之前停止。</translation>
    </message>
    <message>
        <source>Stopped after step %1 of %2. Saved: checkpoints/step-%3 (weights, optimizer and random state) and adapter/.</source>
        <translation>在第 %1 步（共 %2 步）之后停止。已保存：checkpoints/step-%3（权重、优化器和随机状态）和 adapter/。</translation>
    </message>
    <message>
        <source>Stopped after step %1 of %2. Saved: checkpoints/step-%3 (weights, optimizer and random state) and model/.</source>
        <translation>在第 %1 步（共 %2 步）之后停止。已保存：checkpoints/step-%3（权重、优化器和随机状态）和 model/。</translation>
    </message>
    <message>
        <source>Nothing left to do: %1 steps are done, %2 were asked for.</source>
        <translation>无事可做：已完成 %1 步，要求的是 %2 步。</translation>
    </message>
    <message>
        <source>A defect is planted in this run, for a test or a lesson: what it learns is no result.</source>
        <translation>这次运行植入了一个缺陷，用于测试或课程：它学到的不算结果。</translation>
    </message>
    <message>
        <source>%1 steps had no token with a label and were skipped.</source>
        <translation>有 %1 步没有带标签的词元，已跳过。</translation>
    </message>
    <message>
        <source>No step had the sequences %1 of return_logits.rows, which count from 0: of these no logits were captured.</source>
        <translation>没有任何步含有 return_logits.rows 所列的序列 %1（从 0 起计）：未捕获它们的 logits。</translation>
    </message>
    <message>
        <source>The adapter that training goes on from keeps its own %1, whatever the run file says.</source>
        <translation>继续训练的适配器保留自己的 %1，不论运行文件如何设置。</translation>
    </message>
    <message>
        <source>Leave them out of the run file, or start a new adapter.</source>
        <translation>请从运行文件中去掉它们，或从新的适配器开始。</translation>
    </message>
    <message>
        <source>llama.cpp attends to everything in %1 models: beyond the sliding window of %2 tokens its results differ.</source>
        <translation>llama.cpp 对 %1 模型的全部内容施加注意力：超出 %2 个词元的滑动窗口后，结果会不同。</translation>
    </message>
    <message>
        <source>%1 tokens: %2</source>
        <translation>%1 个词元：%2</translation>
    </message>
    <message>
        <source>%1 tokens.</source>
        <translation>%1 个词元。</translation>
    </message>
    <message>
        <source>The %1, the %2 and the %3 differ from the reference.</source>
        <translation>%1、%2和%3均与参考不一致。</translation>
    </message>
    <message>
        <source>The %1, the %2 and the %3 differ from the reference. %4</source>
        <translation>%1、%2和%3均与参考不一致。%4</translation>
    </message>
    <message>
        <source>The %1 and the %2 differ from the reference.</source>
        <translation>%1和%2均与参考不一致。</translation>
    </message>
    <message>
        <source>The %1 and the %2 differ from the reference. %3</source>
        <translation>%1和%2均与参考不一致。%3</translation>
    </message>
    <message>
        <source>The %1, the %2 and the %3 drift from the reference.</source>
        <translation>%1、%2和%3均与参考有偏移。</translation>
    </message>
    <message>
        <source>The %1, the %2 and the %3 drift from the reference. %4</source>
        <translation>%1、%2和%3均与参考有偏移。%4</translation>
    </message>
    <message>
        <source>The %1 and the %2 drift from the reference.</source>
        <translation>%1和%2均与参考有偏移。</translation>
    </message>
    <message>
        <source>The %1 and the %2 drift from the reference. %3</source>
        <translation>%1和%2均与参考有偏移。%3</translation>
    </message>
    <message>
        <source>the file cannot be read.</source>
        <translation>无法读取该文件。</translation>
    </message>
    <message>
        <source>there is no such file.</source>
        <translation>没有这个文件。</translation>
    </message>
    <message>
        <source>there is no such run file.</source>
        <translation>没有这个运行配置文件。</translation>
    </message>
    <message>
        <source>there is no such model folder.</source>
        <translation>没有这个模型文件夹。</translation>
    </message>
    <message>
        <source>no such folder: expected a Hugging Face checkpoint folder.</source>
        <translation>没有这个文件夹：应为 Hugging Face 检查点文件夹。</translation>
    </message>
    <message>
        <source>no config.json: expected a Hugging Face checkpoint folder.</source>
        <translation>没有 config.json：应为 Hugging Face 检查点文件夹。</translation>
    </message>
    <message>
        <source>no adapter_model.safetensors: expected the folder of a PEFT adapter.</source>
        <translation>没有 adapter_model.safetensors：应为 PEFT 适配器的文件夹。</translation>
    </message>
    <message>
        <source>no adapter_config.json: expected the folder of a PEFT adapter.</source>
        <translation>没有 adapter_config.json：应为 PEFT 适配器的文件夹。</translation>
    </message>
    <message>
        <source>the tokenizer cannot be read, or it is empty.</source>
        <translation>分词器无法读取，或为空。</translation>
    </message>
    <message>
        <source>not a JSON object: the file is damaged.</source>
        <translation>不是 JSON 对象：文件已损坏。</translation>
    </message>
    <message>
        <source>got a pipe or a device, expected a regular file: save it to one first.</source>
        <translation>得到管道或设备，应为普通文件：请先将其存为文件。</translation>
    </message>
    <message>
        <source>got a file, expected a Hugging Face checkpoint folder.</source>
        <translation>得到一个文件，应为 Hugging Face 检查点文件夹。</translation>
    </message>
    <message>
        <source>got a file, expected the folder of a PEFT adapter.</source>
        <translation>得到一个文件，应为 PEFT 适配器的文件夹。</translation>
    </message>
    <message>
        <source>%1: got a folder with %2 in it, expected a new or empty one. Choose another folder.</source>
        <translation>%1：得到的文件夹中已有 %2，应为新文件夹或空文件夹。请另选一个文件夹。</translation>
    </message>
    <message>
        <source>the run file is empty: expected a JSON object {...}.</source>
        <translation>运行配置文件为空：应为 JSON 对象 {...}。</translation>
    </message>
    <message>
        <source>the run file cannot be read.</source>
        <translation>无法读取运行配置文件。</translation>
    </message>
    <message>
        <source>got a folder, expected a run file.</source>
        <translation>得到一个文件夹，应为运行配置文件。</translation>
    </message>
    <message>
        <source>the data file has no rows: expected at least one.</source>
        <translation>数据文件没有数据行：至少应有一行。</translation>
    </message>
    <message>
        <source>out: got a folder, expected the name of a file.</source>
        <translation>out：得到一个文件夹，应为文件名。</translation>
    </message>
    <message>
        <source>cannot write: the file is there. Choose another name or remove it.</source>
        <translation>无法写入：文件已存在。请另选名称或将其删除。</translation>
    </message>
    <message>
        <source>cannot write: got a folder, expected the name of a file.</source>
        <translation>无法写入：得到一个文件夹，应为文件名。</translation>
    </message>
    <message>
        <source>cannot write a folder: a file of that name is there.</source>
        <translation>无法写入文件夹：已有同名文件。</translation>
    </message>
    <message>
        <source>the machine is out of memory.</source>
        <translation>本机内存不足。</translation>
    </message>
    <message>
        <source>disk: got %1 bytes free, expected %2 for the export. Choose another place.</source>
        <translation>磁盘：可用 %1 字节，导出需要 %2 字节。请另选位置。</translation>
    </message>
    <message>
        <source>[%1] %2</source>
        <translation>[%1] %2</translation>
    </message>
    <message>
        <source>encoded as UTF-32: save it as UTF-8.</source>
        <translation>编码为 UTF-32：请另存为 UTF-8。</translation>
    </message>
    <message>
        <source>encoded as UTF-16: save it as UTF-8.</source>
        <translation>编码为 UTF-16：请另存为 UTF-8。</translation>
    </message>
    <message>
        <source>encoded as UTF-16 without a byte order mark: save it as UTF-8.</source>
        <translation>编码为不带字节顺序标记的 UTF-16：请另存为 UTF-8。</translation>
    </message>
    <message>
        <source>a ZIP archive (or a spreadsheet): unpack it, and save the data as JSONL or CSV.</source>
        <translation>这是 ZIP 压缩包（或电子表格）：请解压，并把数据另存为 JSONL 或 CSV。</translation>
    </message>
    <message>
        <source>not UTF-8 at byte %1 of the row: save the file as UTF-8 (it may be Latin-1).</source>
        <translation>该行第 %1 字节处不是 UTF-8：请把文件另存为 UTF-8（它可能是 Latin-1）。</translation>
    </message>
    <message>
        <source>no known format: the row has %1, expected messages, conversations, prompt and completion, instruction and output, question and answer, text, or input_ids. %2</source>
        <translation>不是已知的格式：该行有 %1，应有 messages、conversations、prompt 和 completion、instruction 和 output、question 和 answer、text 或 input_ids。%2</translation>
    </message>
    <message>
        <source>dataset.columns can map names.</source>
        <translation>可用 dataset.columns 映射名称。</translation>
    </message>
    <message>
        <source>the row is longer than %1 MiB: expected one object a line, or an array of objects.</source>
        <translation>该行超过 %1&#xa0;MiB：应为每行一个对象，或对象的数组。</translation>
    </message>
    <message>
        <source>the file ends inside its array: it is cut short.</source>
        <translation>文件在数组内部结束：内容不完整。</translation>
    </message>
    <message>
        <source>packing cuts in front of each token with a label, and a piece&apos;s first token is never predicted (max_length %1). Raise max_length.</source>
        <translation>打包在每个带标签的词元之前切断，而片段的第一个词元从不被预测（max_length %1）。请增大 max_length。</translation>
    </message>
    <message>
        <source>none of the %1 rows has a token to learn: in every row %2</source>
        <translation>%1 行中没有任何可学的词元：每一行都是这样，%2</translation>
    </message>
    <message>
        <source>none of the %1 rows has a token to learn: in %2 of them %3</source>
        <translation>%1 行中没有任何可学的词元：其中 %2 行，%3</translation>
    </message>
    <message>
        <source>the prompt alone fills max_length (%1 tokens). Raise max_length.</source>
        <translation>仅提示词就占满了 max_length（%1 个词元）。请增大 max_length。</translation>
    </message>
    <message>
        <source>there is nothing behind response_part &quot;%1&quot;. Check its spelling.</source>
        <translation>response_part “%1”之后没有内容。请检查其拼写。</translation>
    </message>
    <message>
        <source>there is no message with the role assistant. Check the roles, or turn off assistant_only_loss.</source>
        <translation>没有角色为 assistant 的消息。请检查角色，或关闭 assistant_only_loss。</translation>
    </message>
    <message>
        <source>the text to learn is empty, or a single token. Check which columns are read.</source>
        <translation>要学习的文本为空，或只有一个词元。请检查读取了哪些列。</translation>
    </message>
    <message>
        <source>the labels given are all -100 behind the first token, which is never predicted. Check how the file was made.</source>
        <translation>首词元从不被预测，其后给出的标签全为 -100。请检查文件是如何生成的。</translation>
    </message>
    <message>
        <source>loss: got %1 at sequence %2 (row %3 of the data), expected a finite number. %4</source>
        <translation>损失：序列 %2（数据第 %3 行）得到 %1，应为有限数值。%4</translation>
    </message>
    <message>
        <source>gradient norm: got %1, expected a finite number. %2</source>
        <translation>梯度范数：得到 %1，应为有限数值。%2</translation>
    </message>
    <message>
        <source>%1: got NaN or infinity after the update, expected finite numbers. It is not saved. %2</source>
        <translation>%1：更新后得到 NaN 或无穷大，应为有限数值。未保存。%2</translation>
    </message>
    <message>
        <source>No update has been made yet: the model&apos;s weights or the adapter hold NaN, infinity or far too large numbers.</source>
        <translation>尚未做过任何更新：模型的权重或适配器含有 NaN、无穷大或过大的数值。</translation>
    </message>
    <message>
        <source>No update has been made yet: the model&apos;s weights hold NaN, infinity or far too large numbers.</source>
        <translation>尚未做过任何更新：模型的权重含有 NaN、无穷大或过大的数值。</translation>
    </message>
    <message>
        <source>The last good checkpoint is that of step %1. Lower learning_rate, or raise warmup_steps.</source>
        <translation>最后一个完好的检查点是第 %1 步的。请降低 learning_rate，或提高 warmup_steps。</translation>
    </message>
    <message>
        <source>Nothing was saved before. Lower learning_rate, or raise warmup_steps.</source>
        <translation>此前未保存任何内容。请降低 learning_rate，或提高 warmup_steps。</translation>
    </message>
    <message>
        <source>Remove the checkpoint of step %1, whose weights gave this: the last good checkpoint is that of step %2. Lower learning_rate, or raise warmup_steps.</source>
        <translation>请删除第 %1 步的检查点，其权重导致了此结果：最后一个完好的检查点是第 %2 步的。请降低 learning_rate，或提高 warmup_steps。</translation>
    </message>
    <message>
        <source>Remove the checkpoint of step %1, whose weights gave this: there is no older one. Lower learning_rate, or raise warmup_steps.</source>
        <translation>请删除第 %1 步的检查点，其权重导致了此结果：没有更早的检查点。请降低 learning_rate，或提高 warmup_steps。</translation>
    </message>
    <message>
        <source>none of the %1 rows that eval_fraction splits off has a token to learn. Raise eval_fraction, or set it to 0.</source>
        <translation>eval_fraction 分出的 %1 行中没有任何可学的词元。请提高 eval_fraction，或将其设为 0。</translation>
    </message>
    <message>
        <source>%1 of the %2 rows of %3 end the assistant&apos;s turn behind the chat template&apos;s {% generation %} block: the token that ends it is not learnt, and the model does not learn to stop.</source>
        <translation>%3 的 %2 行中有 %1 行在对话模板的 {% generation %} 块之后才结束助手的轮次：结束词元不会被学习，模型学不会停下。</translation>
    </message>
    <message>
        <source>Move {% endgeneration %} behind the token that ends the turn.</source>
        <translation>把 {% endgeneration %} 移到结束轮次的词元之后。</translation>
    </message>
    <message>
        <source>%1 of the assistant&apos;s turns in %2 are changed behind their {% generation %} block, as by a filter around a macro: they cannot be found in what the chat template renders, and are not learnt.</source>
        <translation>%2 中有 %1 个助手轮次在 {% generation %} 块之后又被改动（例如宏外面的过滤器）：在对话模板的渲染结果中找不到它们，因此不会被学习。</translation>
    </message>
    <message>
        <source>Put {% generation %} around what is written last, outside of filters and macros.</source>
        <translation>把 {% generation %} 放在最终输出的内容外面，不要放在过滤器或宏里面。</translation>
    </message>
    <message>
        <source>%1 of the assistant&apos;s turns in %2 carry tool_calls that the chat template does not render: these turns are masked.</source>
        <translation>%2 中有 %1 个助手轮次带有对话模板不会渲染的 tool_calls：这些轮次已掩码。</translation>
    </message>
    <message>
        <source>Choose a chat_template that renders tool calls.</source>
        <translation>选择会渲染工具调用的 chat_template。</translation>
    </message>
    <message>
        <source>%1 of the %2 rows of %3 bring tools that the chat template does not render: the model never sees them.</source>
        <translation>%3 的 %2 行中有 %1 行带有对话模板不会渲染的 tools：模型看不到它们。</translation>
    </message>
    <message>
        <source>Choose a chat_template that renders tools.</source>
        <translation>选择会渲染工具列表的 chat_template。</translation>
    </message>
    <message>
        <source>%1 is read as plain text; its first line looks like the header of a CSV.</source>
        <translation>%1 按纯文本读取；其第一行看起来像 CSV 的表头。</translation>
    </message>
    <message>
        <source>If it is one, let its name end in .csv or .tsv.</source>
        <translation>如果确实是表格，请让文件名以 .csv 或 .tsv 结尾。</translation>
    </message>
    <message>
        <source>packed with %1: unpack it, or pack it with gzip or zstd, which are read.</source>
        <translation>以 %1 压缩：请先解压，或改用可读取的 gzip 或 zstd 压缩。</translation>
    </message>
    <message>
        <source>%1: got %2 values, expected %3, as many as input_ids.</source>
        <translation>%1：得到 %2 个值，应为 %3 个，与 input_ids 数量相同。</translation>
    </message>
    <message>
        <source>%1: got %2, expected 0 or 1.</source>
        <translation>%1：得到 %2，应为 0 或 1。</translation>
    </message>
    <message>
        <source>config.json ties the output head to the embedding, but the weights hold a different one, which is used.</source>
        <translation>config.json 将 lm_head 与词嵌入绑定，但文件中另有一个不同的 lm_head.weight：与 Transformers 一样使用文件中的那个。</translation>
    </message>
    <message>
        <source>Set tie_word_embeddings to false in config.json if that is meant.</source>
        <translation>如果这是有意的，请在 config.json 中将 tie_word_embeddings 设为 false。</translation>
    </message>
    <message>
        <source>it has no columns to map.</source>
        <translation>它没有可映射的列。</translation>
    </message>
    <message>
        <source>assistant_only_loss needs messages. Turn it off.</source>
        <translation>assistant_only_loss 需要 messages。请将其关闭。</translation>
    </message>
    <message>
        <source>completion_only_loss needs a prompt and a completion. Turn it off.</source>
        <translation>completion_only_loss 需要 prompt 和 completion。请将其关闭。</translation>
    </message>
    <message>
        <source>eval_fraction: got %1 of %2 rows, expected to leave at least one row to train on.</source>
        <translation>eval_fraction：得到 %2 行中的 %1，应至少留下一行用于训练。</translation>
    </message>
    <message>
        <source>lora.target_modules: got &quot;%1&quot;, expected &quot;all-linear&quot; or some of %2, which this model has.</source>
        <translation>lora.target_modules：得到“%1”，应为“all-linear”或此模型所具有的 %2 中的若干个。</translation>
    </message>
    <message>
        <source>a micro-batch of %1 tokens: got a need for %2, expected at most %3, which are free. %4</source>
        <translation>含 %1 个词元的微批次需要 %2，可用的最多为 %3。%4</translation>
    </message>
    <message>
        <source>the model&apos;s weights: got %1 bytes, expected at most %2 that are free. %3</source>
        <translation>模型权重需要 %1 字节，可用的最多为 %2。%3</translation>
    </message>
    <message>
        <source>Use a smaller model.</source>
        <translation>请使用更小的模型。</translation>
    </message>
    <message>
        <source>Set %1 to %2 and %3 to %4 and %5 to %6.</source>
        <translation>请把 %1 设为 %2，%3 设为 %4，%5 设为 %6。</translation>
    </message>
    <message>
        <source>Set %1 to %2 and %3 to %4.</source>
        <translation>请把 %1 设为 %2，%3 设为 %4。</translation>
    </message>
    <message>
        <source>Set %1 to %2.</source>
        <translation>请把 %1 设为 %2。</translation>
    </message>
    <message>
        <source>The checkpoint holds %1 tensors that its config.json does not call for, and they are not used: %2.</source>
        <translation>检查点中有 %1 个张量是其 config.json 不需要的，不会使用：%2。</translation>
    </message>
    <message>
        <source>The token cache of %1 could not be used, as %2: it is made anew.</source>
        <translation>无法使用 %1 的词元缓存，因为%2：将重新生成。</translation>
    </message>
    <message>
        <source>The rows are kept in memory, without a token cache: %1</source>
        <translation>数据行保留在内存中，不使用词元缓存：%1</translation>
    </message>
    <message>
        <source>Checkpoint step-%1 cannot be used: %2</source>
        <translation>无法使用检查点 step-%1：%2</translation>
    </message>
    <message>
        <source>No NVIDIA driver was found; install one to compute on an NVIDIA GPU.</source>
        <translation>未找到 NVIDIA 驱动；要在 NVIDIA GPU 上计算，请先安装驱动。</translation>
    </message>
    <message>
        <source>The NVIDIA driver is too old: got one for CUDA %1, expected CUDA %2 or later; update the driver.</source>
        <translation>NVIDIA 驱动太旧：现有的对应 CUDA %1，需要 CUDA %2 或更高；请更新驱动。</translation>
    </message>
    <message>
        <source>No NVIDIA GPU was found.</source>
        <translation>未找到 NVIDIA GPU。</translation>
    </message>
    <message>
        <source>The NVIDIA driver refuses: %1.</source>
        <translation>NVIDIA 驱动拒绝：%1。</translation>
    </message>
    <message>
        <source>This GPU has compute capability %1, expected 8.0 (Ampere) or later.</source>
        <translation>这块 GPU 的计算能力为 %1，需要 8.0（Ampere）或更高。</translation>
    </message>
    <message>
        <source>This build of Vernier holds no code for compute capability %1; build it with VERNIER_CUDA_ARCHITECTURES=%2.</source>
        <translation>此 Vernier 构建不含计算能力 %1 的代码；请用 VERNIER_CUDA_ARCHITECTURES=%2 构建。</translation>
    </message>
    <message>
        <source>The GPU cannot be used: %1.</source>
        <translation>无法使用该 GPU：%1。</translation>
    </message>
    <message>
        <source>This installation of Vernier computes on the CPU only: it has no %1.</source>
        <translation>这份 Vernier 只能用 CPU 计算：其中没有 %1。</translation>
    </message>
    <message>
        <source>The CUDA backend cannot be loaded: %1.</source>
        <translation>无法加载 CUDA 后端：%1。</translation>
    </message>
    <message>
        <source>%1 belongs to another build of Vernier; install both from one package.</source>
        <translation>%1 属于另一个版本的 Vernier；请从同一个软件包安装两者。</translation>
    </message>
    <message>
        <source>Evaluating</source>
        <translation>正在评估</translation>
    </message>
    <message>
        <source>Leave them out with drop_duplicates.</source>
        <translation>用 drop_duplicates 去掉它们。</translation>
    </message>
    <message>
        <source>Leave them out of the evaluation with drop_eval_overlap.</source>
        <translation>用 drop_eval_overlap 将它们从评估中去掉。</translation>
    </message>
    <message>
        <source>Hold out a tenth of the rows to train on.</source>
        <translation>从训练行中留出十分之一。</translation>
    </message>
    <message>
        <source>Evaluate on other rows, or on none.</source>
        <translation>改用其他行评估，或不评估。</translation>
    </message>
    <message>
        <source>Choose a built-in chat_template, or correct the model&apos;s.</source>
        <translation>请选择内置的 chat_template，或更正模型自带的模板。</translation>
    </message>
    <message>
        <source>%1 rows that are trained on are left out; %2 to evaluate on remain.</source>
        <translation>已去掉参与训练的 %1 行；剩下 %2 行用于评估。</translation>
    </message>
    <message>
        <source>all %1 rows to evaluate on are trained on: drop_eval_overlap leaves none of them. Evaluate on others, or set drop_eval_overlap to false.</source>
        <translation>用于评估的 %1 行全部参与训练：drop_eval_overlap 会把它们全部去掉。请改用其他行评估，或将 drop_eval_overlap 设为 false。</translation>
    </message>
    <message>
        <source>%1 of the %2 rows of %3 give exactly the tokens and labels of an earlier one and are left out.</source>
        <translation>%3 的 %2 行中有 %1 行与前面某行的词元和标签完全相同，已去掉。</translation>
    </message>
    <message>
        <source>up to %1, which works but is bold: about %2 is usual for all weights of a model of this width, and with more the loss may jump.</source>
        <translation>最高 %1，可行但偏大胆：对这一宽度的模型训练全部权重时，通常约为 %2，更高时 loss 可能跳动。</translation>
    </message>
    <message>
        <source>up to %1, which works but is careful: about %2 is usual for all weights of a model of this width, and with less the model learns more slowly.</source>
        <translation>最高 %1，可行但偏谨慎：对这一宽度的模型训练全部权重时，通常约为 %2，更低时模型学得较慢。</translation>
    </message>
    <message>
        <source>up to %1, which works but is bold: about %2 is usual for this width, with this lora_alpha and rank, and with more the loss may jump.</source>
        <translation>最高 %1，可行但偏大胆：对这一宽度以及这样的 lora_alpha 和秩，通常约为 %2，更高时 loss 可能跳动。</translation>
    </message>
    <message>
        <source>up to %1, which works but is careful: about %2 is usual for this width, with this lora_alpha and rank, and with less the model learns more slowly.</source>
        <translation>最高 %1，可行但偏谨慎：对这一宽度以及这样的 lora_alpha 和秩，通常约为 %2，更低时模型学得较慢。</translation>
    </message>
</context>
<context>
    <name>LabelWords</name>
    <message>
        <source>text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>completion</source>
        <translation>补全</translation>
    </message>
    <message>
        <source>assistant</source>
        <translation>助手</translation>
    </message>
    <message>
        <source>end of turn</source>
        <translation>轮次结束</translation>
    </message>
    <message>
        <source>added by the tokenizer</source>
        <translation>由分词器添加</translation>
    </message>
    <message>
        <source>prompt</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>other roles and template</source>
        <translation>其他角色和模板</translation>
    </message>
    <message>
        <source>labelled by the file</source>
        <translation>由文件标注</translation>
    </message>
    <message>
        <source>masked by the file</source>
        <translation>由文件掩码</translation>
    </message>
    <message>
        <source>tool call not rendered</source>
        <translation>未渲染的工具调用</translation>
    </message>
    <message>
        <source>Learnt: every token of the row is a target.</source>
        <translation>参与学习：该行的每个词元都是目标。</translation>
    </message>
    <message>
        <source>Learnt: it belongs to the completion.</source>
        <translation>参与学习：属于补全。</translation>
    </message>
    <message>
        <source>Learnt: the assistant says it.</source>
        <translation>参与学习：由助手说出。</translation>
    </message>
    <message>
        <source>Learnt: it ends the turn or the text, which teaches the model to stop.</source>
        <translation>参与学习：它结束轮次或文本，从而教模型停止。</translation>
    </message>
    <message>
        <source>Masked: the tokenizer puts it in front by itself.</source>
        <translation>已掩码：由分词器自动加在最前面。</translation>
    </message>
    <message>
        <source>Masked: it belongs to the prompt.</source>
        <translation>已掩码：属于提示词。</translation>
    </message>
    <message>
        <source>Masked: another role says it, or the template writes it around the turns.</source>
        <translation>已掩码：由其他角色说出，或由模板写在轮次前后。</translation>
    </message>
    <message>
        <source>Learnt: the file&apos;s own labels say so.</source>
        <translation>参与学习：由文件自带的标签指定。</translation>
    </message>
    <message>
        <source>Masked: the file&apos;s own labels say -100, or its attention_mask says 0.</source>
        <translation>已掩码：文件自带的标签为 -100，或其 attention_mask 为 0。</translation>
    </message>
    <message>
        <source>Masked: the turn carries tool calls that the chat template does not render.</source>
        <translation>已掩码：该轮次带有对话模板不会渲染的工具调用。</translation>
    </message>
    <message>
        <source>prompt fills max_length</source>
        <translation>提示词占满 max_length</translation>
    </message>
    <message>
        <source>no turn of the assistant</source>
        <translation>没有助手轮次</translation>
    </message>
    <message>
        <source>nothing to learn in it</source>
        <translation>没有可学的内容</translation>
    </message>
    <message>
        <source>own labels all -100 behind the first token</source>
        <translation>首词元之后自带标签全为 -100</translation>
    </message>
    <message>
        <source>Every label lies behind max_length. Raise it, or shorten the prompts.</source>
        <translation>所有标签都落在 max_length 之后。请调大该值，或缩短提示词。</translation>
    </message>
    <message>
        <source>Only the assistant&apos;s turns are learnt, and it says nothing here. Check the roles and the response marker, or learn everything.</source>
        <translation>只学习助手的轮次，而这里没有助手的内容。请检查角色和回答标记，或改为学习全部内容。</translation>
    </message>
    <message>
        <source>The text to learn is empty, or a single token, which nothing predicts. Check the columns.</source>
        <translation>要学习的文本为空，或只有一个词元而无从预测。请检查列设置。</translation>
    </message>
    <message>
        <source>The labels that the file gives are all -100 behind the first token, which is never predicted. Check how it was made.</source>
        <translation>文件给出的标签在首词元（从不被预测）之后全为 -100。请检查文件是如何生成的。</translation>
    </message>
</context>
<context>
    <name>LossStrips</name>
    <message>
        <source>loss, nats</source>
        <translation>损失，nat</translation>
    </message>
    <message>
        <source>loss on held-out rows, nats</source>
        <translation>留出行上的损失（nat）</translation>
    </message>
    <message>
        <source>learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>gradient norm, before clipping</source>
        <translation>梯度范数（裁剪前）</translation>
    </message>
    <message>
        <source>tokens/s</source>
        <translation>词元/秒</translation>
    </message>
    <message>
        <source>peak memory, GB</source>
        <translation>峰值内存，GB</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Evaluation</source>
        <translation>评估</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>Gradient norm</source>
        <translation>梯度范数</translation>
    </message>
    <message>
        <source>Throughput</source>
        <translation>吞吐量</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>optimizer step</source>
        <translation>优化器步</translation>
    </message>
    <message>
        <source>gap: loss per sequence less loss per token, nats</source>
        <translation>差距：每序列损失减每词元损失，nat</translation>
    </message>
    <message>
        <source>Gap between the two losses</source>
        <translation>两种损失的差距</translation>
    </message>
</context>
<context>
    <name>PagePlaces</name>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
</context>
<context>
    <name>Paint</name>
    <message>
        <source>not a number</source>
        <translation>非数值</translation>
    </message>
    <message>
        <source>−infinite</source>
        <translation>−∞</translation>
    </message>
    <message>
        <source>infinite</source>
        <translation>∞</translation>
    </message>
    <message>
        <source>%1&#xa0;%</source>
        <extracomment>A percentage. Chinese has no blank before its sign.</extracomment>
        <translation>%1%</translation>
    </message>
</context>
<context>
    <name>ParityPath</name>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Evaluation</source>
        <translation>评估</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 缓存</translation>
    </message>
</context>
<context>
    <name>ParityText</name>
    <message>
        <source>path</source>
        <translation>路径</translation>
    </message>
    <message>
        <source>verdict</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>loss difference</source>
        <translation>损失差异</translation>
    </message>
    <message>
        <source>mean |Δ logit|</source>
        <translation>平均 |Δ logit|</translation>
    </message>
    <message>
        <source>max |Δ logit|</source>
        <translation>最大 |Δ logit|</translation>
    </message>
    <message>
        <source>same arg-max</source>
        <translation>arg-max 相同</translation>
    </message>
    <message>
        <source>KL, nats</source>
        <translation>KL（nat）</translation>
    </message>
    <message>
        <source>top arg-max</source>
        <translation>最常见 arg-max</translation>
    </message>
    <message>
        <source>deviation</source>
        <translation>偏差</translation>
    </message>
    <message>
        <source>reference</source>
        <translation>参考</translation>
    </message>
    <message>
        <source>Likely causes on the %1 path, likeliest first:</source>
        <translation>%1 路径上的可能原因，可能性大的在前：</translation>
    </message>
    <message>
        <source>Evidence: %1</source>
        <translation>依据：%1</translation>
    </message>
    <message>
        <source>Worst token&apos;s deviation of each hidden state, from the embeddings to the final norm (rounding stays below %1): %2.</source>
        <translation>从嵌入到最终归一化，各隐藏状态中最差词元的偏差（舍入误差低于 %1）：%2。</translation>
    </message>
    <message>
        <source>Train / eval parity of %1</source>
        <translation>%1 的训练/评估一致性</translation>
    </message>
    <message>
        <source>Step %1, %2 tokens, checked in %3 ms.</source>
        <translation>第 %1 步，%2 个词元，检查用时 %3 毫秒。</translation>
    </message>
    <message>
        <source>A path agrees up to a deviation of %1 and differs above %2.</source>
        <translation>偏差不超过 %1 时路径一致，超过 %2 时不一致。</translation>
    </message>
    <message>
        <source>All checks</source>
        <translation>所有检查</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>what was found</source>
        <translation>检查结果</translation>
    </message>
</context>
<context>
    <name>PictureButton</name>
    <message>
        <source>Picture and table</source>
        <translation>图与表</translation>
    </message>
    <message>
        <source>Copies or saves the picture, and shows or saves the numbers behind it.</source>
        <translation>复制或保存图片，显示或保存其背后的数值。</translation>
    </message>
    <message>
        <source>&amp;Picture and table</source>
        <translation>图与表(&amp;P)</translation>
    </message>
</context>
<context>
    <name>PositionPanel</name>
    <message>
        <source>1 (a hit)</source>
        <translation>1（命中）</translation>
    </message>
    <message>
        <source>%1 nats (as between %2 tokens)</source>
        <translation>%1&#xa0;nat（相当于在 %2 个词元间选择）</translation>
    </message>
</context>
<context>
    <name>QObject</name>
    <message>
        <source>%1 cannot be written. Is the folder there, and is it yours?</source>
        <translation>无法写入 %1。请确认文件夹存在且你有写入权限。</translation>
    </message>
    <message>
        <source>Save picture</source>
        <translation>保存图片</translation>
    </message>
    <message>
        <source>PNG (*.png);;SVG (*.svg);;PDF (*.pdf)</source>
        <translation>PNG (*.png);;SVG (*.svg);;PDF (*.pdf)</translation>
    </message>
    <message>
        <source>&amp;Copy as picture</source>
        <translation>复制为图片(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Save picture…</source>
        <translation>保存图片(&amp;S)…</translation>
    </message>
    <message>
        <source>Show as &amp;table</source>
        <translation>显示为表格(&amp;T)</translation>
    </message>
    <message>
        <source>Save as CS&amp;V…</source>
        <translation>另存为 CSV(&amp;V)…</translation>
    </message>
    <message>
        <source>Save as CSV</source>
        <translation>另存为 CSV</translation>
    </message>
    <message>
        <source>Comma-separated values (*.csv)</source>
        <translation>逗号分隔值 (*.csv)</translation>
    </message>
    <message>
        <source>Writing %1: %2</source>
        <translation>正在写入 %1：%2</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>RunAlarms</name>
    <message>
        <source>Not a number</source>
        <translation>非数值</translation>
    </message>
    <message>
        <source>Training and evaluation part</source>
        <translation>训练与评估分道扬镳</translation>
    </message>
    <message>
        <source>The gradient has vanished</source>
        <translation>梯度已消失</translation>
    </message>
    <message>
        <source>The evaluation stands still</source>
        <translation>评估停滞不变</translation>
    </message>
    <message>
        <source>One answer to everything</source>
        <translation>对一切只有一个回答</translation>
    </message>
    <message>
        <source>Unusual share of labels</source>
        <translation>标签占比异常</translation>
    </message>
    <message>
        <source>Training has become slow</source>
        <translation>训练变慢了</translation>
    </message>
    <message>
        <source>The disk is nearly full</source>
        <translation>磁盘将满</translation>
    </message>
    <message>
        <source>At step %1, %2 logits were NaN or infinite. Lower learning_rate or raise warmup_steps, and look at the step&apos;s sequences.</source>
        <translation>在第 %1 步，有 %2 个 logit 为 NaN 或无穷大。请降低 learning_rate 或增大 warmup_steps，并查看该步的序列。</translation>
    </message>
    <message>
        <source>At step %1 the loss or the gradient was NaN or infinite. Lower learning_rate or raise warmup_steps, and look at the step&apos;s sequences.</source>
        <translation>在第 %1 步，损失或梯度为 NaN 或无穷大。请降低 learning_rate 或增大 warmup_steps，并查看该步的序列。</translation>
    </message>
    <message>
        <source>The held-out loss is %1, its best was %2 at step %3, while the training loss goes on falling: the model learns the rows by heart. Stop and take the checkpoint near the best, or train for fewer epochs.</source>
        <translation>留出损失为 %1，最好时是第 %3 步的 %2，而训练损失仍在下降：模型正在死记数据行。请停止并采用最佳点附近的检查点，或减少训练轮数。</translation>
    </message>
    <message>
        <source>No gradient norm since step %1 was above %2, at first they were about %3, and the loss is still high: nothing is learned. Check labels, lora_alpha and learning_rate.</source>
        <translation>自第 %1 步起，没有梯度范数高于 %2，起初约为 %3，而损失依然很高：什么也没学到。请检查 labels、lora_alpha 和 learning_rate。</translation>
    </message>
    <message>
        <source>The evaluations at steps %1 and %2 are equal to the last bit (%3), though the weights were updated between them. Check parity: the evaluation may not see the adapter.</source>
        <translation>第 %1 步与第 %2 步的评估逐位相等（%3），尽管其间权重已更新。请检查一致性：评估可能没有用到适配器。</translation>
    </message>
    <message>
        <source>Since step %1 one token is the likeliest at %2 of the positions, though no target makes up more than %3. Look at the logits, and lower learning_rate.</source>
        <translation>自第 %1 步起，同一个词元在 %2 的位置上概率最高，而没有任何目标词元的占比超过 %3。请查看 logit，并降低 learning_rate。</translation>
    </message>
    <message>
        <source>Labels are %1 of the tokens since step %2, before they were %3. Look at the sequences: a template may hide the answers, or rows are cut.</source>
        <translation>自第 %2 步起，标签占词元的 %1，此前为 %3。请查看序列：可能是模板遮住了回答，或数据行被截断。</translation>
    </message>
    <message>
        <source>Labels are only %1 of the tokens: nearly nothing is learned from. Look at the sequences: a template may hide the answers, or rows are cut.</source>
        <translation>标签仅占词元的 %1：几乎没有可学的内容。请查看序列：可能是模板遮住了回答，或数据行被截断。</translation>
    </message>
    <message>
        <source>Since step %1 training runs at %2 tokens/s, it has reached %3. Another program may use the device, or it is hot.</source>
        <translation>自第 %1 步起，训练速度为 %2 词元/秒，最高曾达 %3。可能有其他程序在使用设备，或设备过热。</translation>
    </message>
    <message>
        <source>The disk of the run folder has %1 left, less than the %2 that should stay free. Make room, or a checkpoint may not be written.</source>
        <translation>运行文件夹所在的磁盘还剩 %1，少于应当留出的 %2。请腾出空间，否则检查点可能无法写入。</translation>
    </message>
    <message>
        <source>Show the step</source>
        <translation>显示该步</translation>
    </message>
    <message>
        <source>Show the evaluations</source>
        <translation>显示评估</translation>
    </message>
    <message>
        <source>Show the gradients</source>
        <translation>显示梯度</translation>
    </message>
    <message>
        <source>Check parity</source>
        <translation>检查一致性</translation>
    </message>
    <message>
        <source>Show the logits</source>
        <translation>显示 logit</translation>
    </message>
    <message>
        <source>Show the sequences</source>
        <translation>显示序列</translation>
    </message>
    <message>
        <source>Show the throughput</source>
        <translation>显示吞吐量</translation>
    </message>
    <message>
        <source>Open the run folder</source>
        <translation>打开运行文件夹</translation>
    </message>
</context>
<context>
    <name>RunHeader</name>
    <message>
        <source>LoRA of rank r = %1</source>
        <translation>LoRA，秩 r = %1</translation>
    </message>
    <message>
        <source>All weights (method: full)</source>
        <translation>全部权重（方法：full）</translation>
    </message>
    <message>
        <source>%1 steps</source>
        <translation>%1 步</translation>
    </message>
    <message>
        <source>%1 epochs</source>
        <translation>%1 轮</translation>
    </message>
    <message>
        <source>Planned: %1, %2, %3 sequences a step, learning rate %4.</source>
        <translation>计划：%1，%2，每步 %3 个序列，学习率 %4。</translation>
    </message>
</context>
<context>
    <name>RunState</name>
    <message>
        <source>No run open</source>
        <translation>未打开运行</translation>
    </message>
    <message>
        <source>Ready to start</source>
        <translation>可以开始</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>加载</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation>正在停止</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>已失败</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>已中断</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 分 %2 秒</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 小时 %2 分</translation>
    </message>
</context>
<context>
    <name>StepLayout</name>
    <message>
        <source>No sequence of this step has anything to learn: it was skipped.</source>
        <translation>此步没有任何序列含可学内容：已跳过。</translation>
    </message>
    <message numerus="yes">
        <source>Per sequence, each of the %n sequences with targets holds %1 of the weight, whatever its length.</source>
        <translation>
            <numerusform>按每序列计，%n 个含目标的序列各占 %1 的权重，与长度无关。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Per token, %n of %1 sequences with targets hold %2 of the weight.</source>
        <translation>
            <numerusform>按每词元计，%1 个含目标的序列中有 %n 个占了 %2 的权重。</numerusform>
        </translation>
    </message>
    <message>
        <source>All sequences have equally many targets: both losses weigh every token the same.</source>
        <translation>所有序列的目标数相同：两种损失对每个词元的权重一致。</translation>
    </message>
    <message>
        <source>Per sequence, a target of the sequence with %1 targets weighs %2 times one of that with %3; per token, all weigh the same.</source>
        <translation>按每序列计，含 %1 个目标的序列中，每个目标的权重是含 %3 个目标的序列的 %2 倍；按每词元计，权重全部相同。</translation>
    </message>
    <message>
        <source>This run was made by a version that did not record its rows: each sequence stands alone here.</source>
        <translation>创建此运行的版本未记录打包行：这里每个序列各自独立显示。</translation>
    </message>
    <message numerus="yes">
        <source>Nothing is packed: each of the %n sequences stands alone, one behind the other and without padding.</source>
        <translation>
            <numerusform>未打包：%n 个序列各自独立，依次排列，没有填充。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n packed rows of %1 tokens, filled to %2.</source>
        <translation>
            <numerusform>%n 个打包行，每行 %1 个词元，填充率 %2。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TrainingFields</name>
    <message>
        <source>Epo&amp;chs</source>
        <translation>轮数(&amp;C)</translation>
    </message>
    <message>
        <source>How often every row is seen; after a few, a model learns rows by heart.</source>
        <translation>每行数据被看多少遍；几遍之后，模型会开始死记硬背。</translation>
    </message>
    <message>
        <source>times the data</source>
        <translation>遍数据</translation>
    </message>
    <message>
        <source>&amp;Most steps</source>
        <translation>最大步数(&amp;M)</translation>
    </message>
    <message>
        <source>Ends after so many updates instead; 0 leaves it to the epochs.</source>
        <translation>改为在这么多次更新后结束；0 表示由轮数决定。</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>步</translation>
    </message>
    <message>
        <source>Rows a micro-&amp;batch</source>
        <translation>微批次行数(&amp;B)</translation>
    </message>
    <message>
        <source>Rows that go through the model at once: more is faster, until the memory is full.</source>
        <translation>一次通过模型的行数：越多越快，直到内存用满。</translation>
    </message>
    <message>
        <source>rows</source>
        <translation>行</translation>
    </message>
    <message>
        <source>Micro-batches a s&amp;tep</source>
        <translation>每步微批次数(&amp;T)</translation>
    </message>
    <message>
        <source>Their gradients are summed before one update: a larger step without more memory.</source>
        <translation>它们的梯度先累加再更新一次：步更大而不多占内存。</translation>
    </message>
    <message>
        <source>micro-batches</source>
        <translation>个微批次</translation>
    </message>
    <message>
        <source>&amp;Learning rate</source>
        <translation>学习率(&amp;L)</translation>
    </message>
    <message>
        <source>How far one update goes: too high and the loss jumps, too low and nothing happens.</source>
        <translation>一次更新的幅度：太高则损失跳动，太低则毫无变化。</translation>
    </message>
    <message>
        <source>&amp;Schedule</source>
        <translation>调度(&amp;S)</translation>
    </message>
    <message>
        <source>How the rate falls towards the end; a falling one lets the model settle.</source>
        <translation>学习率如何向末尾下降；逐渐下降有助于模型收敛稳定。</translation>
    </message>
    <message>
        <source>Along a cosine (cosine)</source>
        <translation>余弦下降（cosine）</translation>
    </message>
    <message>
        <source>In a straight line (linear)</source>
        <translation>线性下降（linear）</translation>
    </message>
    <message>
        <source>Warm up, then level (constant_with_warmup)</source>
        <translation>预热后恒定（constant_with_warmup）</translation>
    </message>
    <message>
        <source>Always the same (constant)</source>
        <translation>始终恒定（constant）</translation>
    </message>
    <message>
        <source>&amp;Warm-up, share</source>
        <translation>预热占比(&amp;W)</translation>
    </message>
    <message>
        <source>The rate rises over this share of the run, so that the first steps do no harm.</source>
        <translation>学习率在运行的这一部分内逐渐上升，避免最初几步造成破坏。</translation>
    </message>
    <message>
        <source>of all steps</source>
        <translation>占总步数</translation>
    </message>
    <message>
        <source>Warm-&amp;up, steps</source>
        <translation>预热步数(&amp;U)</translation>
    </message>
    <message>
        <source>The same as a number of steps; above 0 it takes precedence.</source>
        <translation>同上，以步数表示；大于 0 时优先。</translation>
    </message>
    <message>
        <source>Ran&amp;k</source>
        <translation>秩(&amp;K)</translation>
    </message>
    <message>
        <source>How much the adapter can express; twice the rank is twice the parameters.</source>
        <translation>适配器的表达能力；秩翻倍，参数量也翻倍。</translation>
    </message>
    <message>
        <source>&amp;Alpha</source>
        <translation>Alpha(&amp;A)</translation>
    </message>
    <message>
        <source>Alpha over rank scales what the adapter adds; people mostly take once or twice the rank.</source>
        <translation>alpha 与秩之比决定适配器增量的缩放；通常取秩的一到两倍。</translation>
    </message>
    <message>
        <source>&amp;Dropout</source>
        <translation>Dropout(&amp;D)</translation>
    </message>
    <message>
        <source>Leaves out this share of the adapter&apos;s input in training, against learning by heart.</source>
        <translation>训练时随机丢弃适配器输入的这一比例，防止死记硬背。</translation>
    </message>
    <message>
        <source>of the input</source>
        <translation>占输入</translation>
    </message>
    <message>
        <source>Rank-stabilised scale</source>
        <translation>秩稳定缩放</translation>
    </message>
    <message>
        <source>Scales by alpha over the root of the rank, so that high ranks learn as fast as low ones.</source>
        <translation>按 alpha 除以秩的平方根缩放，使高秩与低秩学得一样快。</translation>
    </message>
    <message>
        <source>Train magnitudes too</source>
        <translation>同时训练幅值</translation>
    </message>
    <message>
        <source>DoRA: direction and size of each weight column are learnt apart; slower, sometimes better.</source>
        <translation>DoRA：权重每一列的方向与大小分开学习；较慢，有时效果更好。</translation>
    </message>
    <message>
        <source>Lon&amp;gest row</source>
        <translation>最大行长(&amp;G)</translation>
    </message>
    <message>
        <source>Longer rows are cut, or split where the packing splits.</source>
        <translation>更长的行会被截断；若打包方式支持，则会被拆分。</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>&amp;Packing</source>
        <translation>打包(&amp;P)</translation>
    </message>
    <message>
        <source>Puts several short sequences into one row, so that all steps are equally full; they never see each other.</source>
        <translation>把多个短序列放进一行，使各步同样饱满；它们互不可见。</translation>
    </message>
    <message>
        <source>One sequence a row (none)</source>
        <translation>每行一个序列（none）</translation>
    </message>
    <message>
        <source>Best fit, long rows cut (bfd)</source>
        <translation>最佳适配，截断长行（bfd）</translation>
    </message>
    <message>
        <source>Best fit, long rows split (bfd_split)</source>
        <translation>最佳适配，拆分长行（bfd_split）</translation>
    </message>
    <message>
        <source>One behind the other (wrapped)</source>
        <translation>首尾相接（wrapped）</translation>
    </message>
    <message>
        <source>L&amp;oss is a mean over</source>
        <translation>损失平均方式(&amp;O)</translation>
    </message>
    <message>
        <source>What every token of a step weighs. Both losses are recorded; this one is followed downhill.</source>
        <translation>一步中每个词元的权重。两种损失都会记录；优化的是这一种。</translation>
    </message>
    <message>
        <source>All tokens of the step (per_token)</source>
        <translation>该步的全部词元（per_token）</translation>
    </message>
    <message>
        <source>Sequences, each by itself (per_sequence)</source>
        <translation>各序列分别计算（per_sequence）</translation>
    </message>
    <message>
        <source>Evaluate every</source>
        <translation>评估间隔</translation>
    </message>
    <message>
        <source>Measures the loss on rows that are not trained on; 0 only at the end.</source>
        <translation>在不参与训练的行上测量损失；0 表示仅在结束时。</translation>
    </message>
    <message>
        <source>Save every</source>
        <translation>保存间隔</translation>
    </message>
    <message>
        <source>A checkpoint to go on from; 0 only at the end and when stopped.</source>
        <translation>可从中继续训练的检查点；0 表示仅在结束和停止时。</translation>
    </message>
    <message>
        <source>Checkpoints kept</source>
        <translation>保留的检查点数</translation>
    </message>
    <message>
        <source>Older ones are removed, so that the disk does not fill.</source>
        <translation>更早的会被删除，以免占满磁盘。</translation>
    </message>
    <message>
        <source>Report every</source>
        <translation>报告间隔</translation>
    </message>
    <message>
        <source>How often a step&apos;s figures are told; all are kept in the run.</source>
        <translation>每隔多少步报告一次数值；运行中会保存全部数值。</translation>
    </message>
    <message>
        <source>Keep log&amp;its every</source>
        <translation>保留 logit 间隔(&amp;I)</translation>
    </message>
    <message>
        <source>What the model would have said at each position, for the Inspect page; costs disk and time. 0: never.</source>
        <translation>模型在每个位置本会给出的预测，供检视页面使用；会占用磁盘和时间。0：从不。</translation>
    </message>
    <message>
        <source>… of sequences</source>
        <translation>… 限于序列</translation>
    </message>
    <message>
        <source>Which sequences of the step, counted from 0.</source>
        <translation>该步的哪些序列，从 0 开始计数。</translation>
    </message>
    <message>
        <source>… of the last</source>
        <translation>… 限于末尾</translation>
    </message>
    <message>
        <source>Only so many positions at the end of each sequence; 0 keeps all of them.</source>
        <translation>仅保留每个序列末尾的这么多位置；0 表示全部保留。</translation>
    </message>
    <message>
        <source>Check parity every</source>
        <translation>一致性检查间隔</translation>
    </message>
    <message>
        <source>Compares training, evaluation and decoding on one batch, so that none of them drifts. 0: never.</source>
        <translation>在一个批次上对比训练、评估和解码，确保都不发生漂移。0：从不。</translation>
    </message>
    <message>
        <source>Weight decay</source>
        <translation>权重衰减</translation>
    </message>
    <message>
        <source>Pulls trained weights towards 0 a little at every step.</source>
        <translation>每一步都把训练中的权重略微拉向 0。</translation>
    </message>
    <message>
        <source>Largest gradient</source>
        <translation>最大梯度范数</translation>
    </message>
    <message>
        <source>Longer gradients are scaled down to this norm, against single bad batches; 0 never.</source>
        <translation>超过此范数的梯度会被缩小，以防个别坏批次；0 表示从不。</translation>
    </message>
    <message>
        <source>Adam&apos;s beta 1</source>
        <translation>Adam 的 beta 1</translation>
    </message>
    <message>
        <source>How slowly the mean of the gradients forgets.</source>
        <translation>梯度均值遗忘的快慢：越大越慢。</translation>
    </message>
    <message>
        <source>Adam&apos;s beta 2</source>
        <translation>Adam 的 beta 2</translation>
    </message>
    <message>
        <source>How slowly the mean of their squares forgets.</source>
        <translation>梯度平方均值遗忘的快慢：越大越慢。</translation>
    </message>
    <message>
        <source>Adam&apos;s epsilon</source>
        <translation>Adam 的 epsilon</translation>
    </message>
    <message>
        <source>Keeps the division safe where gradients vanish.</source>
        <translation>梯度趋于零时保证除法安全。</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>The order of the rows, the adapter&apos;s beginning and dropout are drawn from it.</source>
        <translation>行的顺序、适配器的初始值和 dropout 都由它产生。</translation>
    </message>
    <message>
        <source>Computes in</source>
        <translation>计算精度</translation>
    </message>
    <message>
        <source>bfloat16 is faster where the device has it; float32 is exact.</source>
        <translation>设备支持时 bfloat16 更快；float32 更精确。</translation>
    </message>
    <message>
        <source>The faster one (auto)</source>
        <translation>自动选较快者（auto）</translation>
    </message>
    <message>
        <source>32 bits (float32)</source>
        <translation>32 位（float32）</translation>
    </message>
    <message>
        <source>16 bits (bfloat16)</source>
        <translation>16 位（bfloat16）</translation>
    </message>
    <message>
        <source>Compute again</source>
        <translation>激活重算</translation>
    </message>
    <message>
        <source>Activations that are not kept for the way back, but made anew: less memory, more time.</source>
        <translation>不为反向传播保留激活，而是重新计算：省内存，多花时间。</translation>
    </message>
    <message>
        <source>As far as memory asks for (auto)</source>
        <translation>按内存需要（auto）</translation>
    </message>
    <message>
        <source>Nothing (none)</source>
        <translation>不重算（none）</translation>
    </message>
    <message>
        <source>The MLPs (mlp)</source>
        <translation>MLP（mlp）</translation>
    </message>
    <message>
        <source>Whole layers (layer)</source>
        <translation>整层（layer）</translation>
    </message>
    <message>
        <source>Whole layers, from the computer&apos;s memory (offload)</source>
        <translation>整层，输入存放在主机内存（offload）</translation>
    </message>
    <message>
        <source>Same bits every time</source>
        <translation>结果逐位一致</translation>
    </message>
    <message>
        <source>Two runs give the same result to the bit on a GPU too, a little slower.</source>
        <translation>即使在 GPU 上，两次运行的结果也逐位相同，速度略慢。</translation>
    </message>
    <message>
        <source>At 0 nothing is learnt.</source>
        <translation>为 0 时什么也学不到。</translation>
    </message>
    <message>
        <source>So high that training usually falls apart. Try 1e-5 to 1e-4.</source>
        <translation>过高，训练通常会崩溃。可试 1e-5 到 1e-4。</translation>
    </message>
    <message>
        <source>So high that training usually falls apart. Try 1e-4 to 5e-4.</source>
        <translation>过高，训练通常会崩溃。可试 1e-4 到 5e-4。</translation>
    </message>
    <message>
        <source>Models as small as this one want more, usually 1e-3 to 1e-2.</source>
        <translation>这么小的模型需要更高的值，通常为 1e-3 到 1e-2。</translation>
    </message>
    <message>
        <source>Low for an adapter: 1e-4 to 5e-4 is usual.</source>
        <translation>对适配器而言偏低：通常为 1e-4 到 5e-4。</translation>
    </message>
    <message>
        <source>After some ten epochs models mostly recite their rows: watch the evaluation loss.</source>
        <translation>约十轮之后，模型大多只是在背诵数据行：请留意评估损失。</translation>
    </message>
    <message>
        <source>Alpha is %1 times the rank. Once or twice is usual; the learning rate would have to make up for it.</source>
        <translation>alpha 是秩的 %1 倍。通常为一到两倍；否则需要用学习率来补偿。</translation>
    </message>
    <message>
        <source>The model was made for %1 tokens. Longer rows reach positions that it never saw.</source>
        <translation>该模型按 %1 个词元设计。更长的行会用到它从未见过的位置。</translation>
    </message>
    <message>
        <source>The epochs above do not count as long as this is not 0.</source>
        <translation>只要此值不为 0，上面的轮数就不起作用。</translation>
    </message>
    <message>
        <source>Does not count, as warmup_steps is above 0.</source>
        <translation>warmup_steps 大于 0，因此不起作用。</translation>
    </message>
    <message>
        <source>Weights in 4 bits cannot be trained. Choose their own bits here, or an adapter in the Model step.</source>
        <translation>4 位权重无法训练。请在此选择其原始精度，或在“模型”步骤中选择适配器。</translation>
    </message>
    <message>
        <source>Below 0.9 single batches decide how large the steps are.</source>
        <translation>低于 0.9 时，步的大小由个别批次决定。</translation>
    </message>
    <message>
        <source>Base weights in</source>
        <translation>基座权重的存储</translation>
    </message>
    <message>
        <source>What the adapter learns beside. In 4 bits (QLoRA) they take a quarter of the memory and are a little less exact.</source>
        <translation>适配器在其旁学习的权重。用 4 位（QLoRA）只占四分之一的内存，精度略低。</translation>
    </message>
    <message>
        <source>Their own bits (none)</source>
        <translation>原有位数（none）</translation>
    </message>
    <message>
        <source>4 bits (nf4)</source>
        <translation>4 位（nf4）</translation>
    </message>
</context>
<context>
    <name>main</name>
    <message>
        <source>--%1: got an empty value, expected a path.</source>
        <translation>--%1：得到空值，应为路径。</translation>
    </message>
    <message>
        <source>--screenshot: got %1, expected a name that ends in .png.</source>
        <translation>--screenshot：得到 %1，应为以 .png 结尾的名称。</translation>
    </message>
    <message>
        <source>display: got none, expected DISPLAY or WAYLAND_DISPLAY to name one. Set QT_QPA_PLATFORM=offscreen to take a picture by --screenshot, or use vernier-cli.</source>
        <translation>显示器：未得到，应由 DISPLAY 或 WAYLAND_DISPLAY 指定。如要用 --screenshot 截图，请设置 QT_QPA_PLATFORM=offscreen，或改用 vernier-cli。</translation>
    </message>
    <message>
        <source>--page: got %1, expected one of %2.</source>
        <translation>--page：得到 %1，应为 %2 之一。</translation>
    </message>
    <message>
        <source>--size: got %1, expected WIDTHxHEIGHT, such as 1280x800.</source>
        <translation>--size：得到 %1，应为 宽x高，例如 1280x800。</translation>
    </message>
    <message>
        <source>--%1: got %2, expected a number from 1 to 5.</source>
        <translation>--%1：得到 %2，应为 1 到 5 的数字。</translation>
    </message>
    <message>
        <source>The window&apos;s language: en or zh_CN. Without it: as chosen in its View menu.</source>
        <translation>窗口的语言：en 或 zh_CN。不给出时，以“视图”菜单中的选择为准。</translation>
    </message>
    <message>
        <source>Writes the window to a picture and exits.</source>
        <translation>将窗口写成图片并退出。</translation>
    </message>
    <message>
        <source>--language: got %1, expected en or zh_CN.</source>
        <translation>--language：得到 %1，应为 en 或 zh_CN。</translation>
    </message>
    <message>
        <source>--theme: got %1, expected light or dark.</source>
        <translation>--theme：得到 %1，应为 light 或 dark。</translation>
    </message>
    <message>
        <source>Fine-tune language models and see what the training does.</source>
        <translation>微调语言模型，并看清训练究竟做了什么。</translation>
    </message>
    <message>
        <source>Opens a run folder.</source>
        <translation>打开一个运行文件夹。</translation>
    </message>
    <message>
        <source>Opens the bundled demo, ready to start.</source>
        <translation>打开内置演示，随时可以开始。</translation>
    </message>
    <message>
        <source>Sets up the run that a run file tells of.</source>
        <translation>按运行配置文件配置一次运行。</translation>
    </message>
    <message>
        <source>Of the set-up, counted from 1.</source>
        <translation>配置的第几步，从 1 数起。</translation>
    </message>
    <message>
        <source>With --screenshot: one of %1.</source>
        <translation>与 --screenshot 合用：%1 之一。</translation>
    </message>
    <message>
        <source>With --screenshot: of the Inspect page, such as lens or balance.</source>
        <translation>与 --screenshot 合用：“检视”页面的视图，例如 lens 或 balance。</translation>
    </message>
    <message>
        <source>The window&apos;s size.</source>
        <translation>窗口的大小。</translation>
    </message>
    <message>
        <source>With --screenshot: light or dark.</source>
        <translation>与 --screenshot 合用：light 或 dark。</translation>
    </message>
    <message>
        <source>--page, --view, --tab, --action and --theme: got no --screenshot, expected one beside them.</source>
        <translation>--page、--view、--tab、--action 和 --theme：没有 --screenshot，应与它一同给出。</translation>
    </message>
    <message>
        <source>--demo and --open: got both, expected one.</source>
        <translation>--demo 和 --open：两者都给出了，应只给一个。</translation>
    </message>
    <message>
        <source>--view: got %1, expected one of %2.</source>
        <translation>--view：得到 %1，应为 %2 之一。</translation>
    </message>
    <message>
        <source>%1: got a second argument, expected one run at most.</source>
        <translation>%1：多出一个参数，最多只能给出一个运行。</translation>
    </message>
    <message>
        <source>%1: got an argument beside --demo, --open or --set-up, expected one of them.</source>
        <translation>%1：参数与 --demo、--open 或 --set-up 同时出现，只能选用其一。</translation>
    </message>
    <message>
        <source>--screenshot: got %1, which is something else than a PNG picture and is not replaced.</source>
        <translation>--screenshot：%1 不是 PNG 图片，不会被覆盖。</translation>
    </message>
    <message>
        <source>A run folder or its run.db, opened; or a run file, set up.</source>
        <translation>要打开的运行文件夹或其中的 run.db；或要据以设置的运行配置文件。</translation>
    </message>
    <message>
        <source>With --screenshot: of the Run page, counted from 1.</source>
        <translation>与 --screenshot 合用：“运行”页面的第几个选项卡，从 1 数起。</translation>
    </message>
    <message>
        <source>With --screenshot: what is done before, such as palette, shortcuts or exportRun.</source>
        <translation>与 --screenshot 合用：截图前执行的操作，例如 palette、shortcuts 或 exportRun。</translation>
    </message>
    <message>
        <source>--action: got %1, expected one of %2.</source>
        <translation>--action：得到 %1，应为 %2 之一。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::Actions</name>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>键盘快捷键(&amp;K)</translation>
    </message>
    <message>
        <source>Lists every key that does something.</source>
        <translation>列出全部快捷键。</translation>
    </message>
    <message>
        <source>&amp;About Vernier</source>
        <translation>关于 Vernier(&amp;A)</translation>
    </message>
    <message>
        <source>Says which version this is and what it is built on.</source>
        <translation>显示版本及其所用的组件。</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>Inspect: %1</source>
        <translation>检视：%1</translation>
    </message>
    <message>
        <source>&amp;Open run folder…</source>
        <translation>打开运行文件夹(&amp;O)…</translation>
    </message>
    <message>
        <source>Shows a run that was made before, by this window or by vernier-cli.</source>
        <translation>显示先前由本窗口或 vernier-cli 完成的运行。</translation>
    </message>
    <message>
        <source>Try the &amp;demo</source>
        <translation>试用演示(&amp;D)</translation>
    </message>
    <message>
        <source>Opens the bundled model and data, ready to start: a minute of training on any machine.</source>
        <translation>打开内置的模型和数据，可立即开始：在任何机器上训练只需一分钟。</translation>
    </message>
    <message>
        <source>&amp;Export the run…</source>
        <translation>导出运行(&amp;E)…</translation>
    </message>
    <message>
        <source>Writes what was trained for other programs: an adapter, a merged checkpoint, a GGUF file; or the run itself as one page for any browser.</source>
        <translation>把训练成果写成其他程序可用的形式：适配器、合并后的检查点、GGUF 文件；或把运行本身写成可用任意浏览器打开的单个网页。</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>Closes the window. A run that goes on is stopped after its step and saved.</source>
        <translation>关闭窗口。正在进行的运行会在当前步之后停止并保存。</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>Takes back the last change of the run being set up.</source>
        <translation>撤回对运行配置的上一次更改。</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>重做(&amp;R)</translation>
    </message>
    <message>
        <source>Makes the change again that was taken back.</source>
        <translation>恢复刚刚撤回的更改。</translation>
    </message>
    <message>
        <source>Set up a &amp;new run</source>
        <translation>配置新运行(&amp;N)</translation>
    </message>
    <message>
        <source>Begins with balanced settings; the model stays. Undo brings the run before it back.</source>
        <translation>以均衡设置开始；模型保持不变。“撤销”可恢复之前的运行。</translation>
    </message>
    <message>
        <source>Open run &amp;file…</source>
        <translation>打开运行配置文件(&amp;F)…</translation>
    </message>
    <message>
        <source>Reads the settings of a run.json, such as a run&apos;s folder holds.</source>
        <translation>从 run.json 读取设置，例如运行文件夹中的那个。</translation>
    </message>
    <message>
        <source>Save run file &amp;as…</source>
        <translation>运行配置文件另存为(&amp;A)…</translation>
    </message>
    <message>
        <source>Writes the settings as a run.json, which vernier-cli and this page read.</source>
        <translation>把设置写入 run.json，可供 vernier-cli 和本页面读取。</translation>
    </message>
    <message>
        <source>&amp;Copy as command</source>
        <translation>复制为命令(&amp;C)</translation>
    </message>
    <message>
        <source>Copies the vernier-cli line that starts this very run from a terminal.</source>
        <translation>复制可在终端中启动同一运行的 vernier-cli 命令行。</translation>
    </message>
    <message>
        <source>Start the run that is set &amp;up</source>
        <translation>启动已配置的运行(&amp;U)</translation>
    </message>
    <message>
        <source>Starts training with these settings, and goes to the Run page.</source>
        <translation>以这些设置开始训练，并转到运行页面。</translation>
    </message>
    <message>
        <source>&amp;Undo: %1</source>
        <translation>撤销(&amp;U)：%1</translation>
    </message>
    <message>
        <source>&amp;Redo: %1</source>
        <translation>重做(&amp;R)：%1</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>打开…</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>&amp;Start</source>
        <translation>开始(&amp;S)</translation>
    </message>
    <message>
        <source>Starts training with the configuration that is shown.</source>
        <translation>按所示配置开始训练。</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>暂停(&amp;P)</translation>
    </message>
    <message>
        <source>Waits before the next optimizer step. Everything stays in memory.</source>
        <translation>在下一个优化器步之前等待。一切都保留在内存中。</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>继续训练(&amp;R)</translation>
    </message>
    <message>
        <source>Goes on: a paused run at once, a stopped one from its last checkpoint, to the same bits.</source>
        <translation>继续：暂停的运行立即继续，停止的运行从最后的检查点继续，结果逐位相同。</translation>
    </message>
    <message>
        <source>S&amp;ingle step</source>
        <translation>单步(&amp;I)</translation>
    </message>
    <message>
        <source>While paused: does one optimizer step, then waits again.</source>
        <translation>暂停时：执行一个优化器步，然后再次等待。</translation>
    </message>
    <message>
        <source>S&amp;top</source>
        <translation>停止(&amp;T)</translation>
    </message>
    <message>
        <source>Ends after the current step and saves a checkpoint to resume from.</source>
        <translation>在当前步之后结束，并保存检查点以便继续训练。</translation>
    </message>
    <message>
        <source>Save &amp;checkpoint</source>
        <translation>保存检查点(&amp;C)</translation>
    </message>
    <message>
        <source>Writes adapter, optimizer and random state after the current step; the run goes on.</source>
        <translation>在当前步之后写入适配器、优化器和随机状态；运行继续。</translation>
    </message>
    <message>
        <source>Check p&amp;arity now</source>
        <translation>立即检查一致性(&amp;A)</translation>
    </message>
    <message>
        <source>Runs one batch through training, evaluation and decoding, and compares each with a plain reference.</source>
        <translation>让一个批次通过训练、评估和解码，并逐一与朴素参考对比。</translation>
    </message>
    <message>
        <source>&amp;Follow the newest step</source>
        <translation>跟随最新步(&amp;F)</translation>
    </message>
    <message>
        <source>Selects each new step as it arrives, until you pick one yourself.</source>
        <translation>每有新步到来就选中它，直到你自己选择某一步。</translation>
    </message>
    <message>
        <source>&amp;Start page</source>
        <translation>开始页面(&amp;S)</translation>
    </message>
    <message>
        <source>Recent runs, a run folder, or the demo.</source>
        <translation>最近的运行、运行文件夹或演示。</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Set &amp;up page</source>
        <translation>配置页面(&amp;U)</translation>
    </message>
    <message>
        <source>A run from a model and a data file: what is learnt, how, and whether it will work.</source>
        <translation>用模型和数据文件建立运行：学什么、怎么学、能否成功。</translation>
    </message>
    <message>
        <source>Set up</source>
        <translation>配置</translation>
    </message>
    <message>
        <source>&amp;Run page</source>
        <translation>运行页面(&amp;R)</translation>
    </message>
    <message>
        <source>The loss as it falls, and the sequences of every step.</source>
        <translation>损失的下降过程，以及每一步的序列。</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>&amp;Inspect page</source>
        <translation>检视页面(&amp;I)</translation>
    </message>
    <message>
        <source>Tokens, logits and the parity of the three paths, close up.</source>
        <translation>近看词元、logit 和三条路径的一致性。</translation>
    </message>
    <message>
        <source>Inspect</source>
        <translation>检视</translation>
    </message>
    <message>
        <source>&amp;Compare page</source>
        <translation>对比页面(&amp;C)</translation>
    </message>
    <message>
        <source>Runs side by side: their curves, what was set otherwise, and their answers.</source>
        <translation>并排查看多个运行：曲线、设置差异和各自的回答。</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>对比</translation>
    </message>
    <message>
        <source>&amp;Lessons page</source>
        <translation>课程页面(&amp;L)</translation>
    </message>
    <message>
        <source>Short experiments that show what goes wrong in fine-tuning, and how to see it.</source>
        <translation>简短的实验，展示微调会出哪些问题以及如何发现。</translation>
    </message>
    <message>
        <source>Lessons</source>
        <translation>课程</translation>
    </message>
    <message>
        <source>Details of the &amp;Inspect page</source>
        <translation>检视页面详情(&amp;I)</translation>
    </message>
    <message>
        <source>Shows or hides the panel beside the tokens: the selected token, parity, return logits.</source>
        <translation>显示或隐藏词元旁的面板：选中的词元、一致性、返回 logits。</translation>
    </message>
    <message>
        <source>&amp;Logarithmic loss</source>
        <translation>对数损失(&amp;L)</translation>
    </message>
    <message>
        <source>Draws the loss on a logarithmic axis, where equal ratios are equal heights. On the plot: L.</source>
        <translation>在对数坐标轴上绘制损失，相同的比值高度相等。图上按 L。</translation>
    </message>
    <message>
        <source>S&amp;mooth the loss</source>
        <translation>平滑损失(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Notify when training ends</source>
        <translation>训练结束时通知(&amp;N)</translation>
    </message>
    <message>
        <source>Shows a message on the desktop when a run ends while you look elsewhere.</source>
        <translation>运行结束而你在看别处时，显示桌面通知。</translation>
    </message>
    <message>
        <source>Find a &amp;command…</source>
        <translation>查找命令(&amp;C)…</translation>
    </message>
    <message>
        <source>Searches pages, actions and settings by a few letters.</source>
        <translation>输入几个字母即可搜索页面、操作和设置。</translation>
    </message>
    <message>
        <source>Zoom &amp;in</source>
        <translation>放大(&amp;I)</translation>
    </message>
    <message>
        <source>Makes all text larger.</source>
        <translation>放大所有文字。</translation>
    </message>
    <message>
        <source>Zoom &amp;out</source>
        <translation>缩小(&amp;O)</translation>
    </message>
    <message>
        <source>Makes all text smaller.</source>
        <translation>缩小所有文字。</translation>
    </message>
    <message>
        <source>&amp;Normal size</source>
        <translation>正常大小(&amp;N)</translation>
    </message>
    <message>
        <source>Text in the size that the desktop asks for.</source>
        <translation>文字采用桌面指定的大小。</translation>
    </message>
    <message>
        <source>Theme: as the &amp;desktop</source>
        <translation>主题：跟随桌面(&amp;D)</translation>
    </message>
    <message>
        <source>Colours follow the desktop.</source>
        <translation>颜色跟随桌面。</translation>
    </message>
    <message>
        <source>Theme: &amp;light</source>
        <translation>主题：浅色(&amp;L)</translation>
    </message>
    <message>
        <source>Dark text on a light ground.</source>
        <translation>浅色背景，深色文字。</translation>
    </message>
    <message>
        <source>Theme: d&amp;ark</source>
        <translation>主题：深色(&amp;A)</translation>
    </message>
    <message>
        <source>Light text on a dark ground.</source>
        <translation>深色背景，浅色文字。</translation>
    </message>
    <message>
        <source>Reset la&amp;yout</source>
        <translation>重置布局(&amp;Y)</translation>
    </message>
    <message>
        <source>Puts splitters, panels and the window back as they were at the first start.</source>
        <translation>把分隔条、面板和窗口恢复到首次启动时的样子。</translation>
    </message>
    <message>
        <source>Language: same as the &amp;system</source>
        <translation>语言：跟随系统(&amp;S)</translation>
    </message>
    <message>
        <source>The window speaks simplified Chinese where the desktop does, else English.</source>
        <translation>桌面使用简体中文时，窗口也用简体中文，否则用英语。</translation>
    </message>
    <message>
        <source>Language: &amp;English</source>
        <translation>语言：English(&amp;E)</translation>
    </message>
    <message>
        <source>The window speaks English, from its next start on.</source>
        <translation>从下次启动起，窗口使用英语。</translation>
    </message>
    <message>
        <source>Language: 简体中文 (&amp;C)</source>
        <translation>语言：简体中文(&amp;C)</translation>
    </message>
    <message>
        <source>The window speaks simplified Chinese, from its next start on.</source>
        <translation>从下次启动起，窗口使用简体中文。</translation>
    </message>
    <message>
        <source>Draws a moving mean in bold over the thin raw curves of runs with sixty steps or more. Of the two numbers at a line&apos;s end the first is the last step&apos;s own, the second the mean&apos;s. On the plot: S.</source>
        <translation>在不少于六十步的运行中，用粗线画出移动平均，叠在细的原始曲线上。线末的两个数字中，前一个是最后一步本身的值，后一个是平均值。图上按 S。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::AlarmBar</name>
    <message>
        <source>%1. %2</source>
        <translation>%1：%2</translation>
    </message>
</context>
<context>
    <name>vernier::ui::AlternativesPanel</name>
    <message>
        <source>as before</source>
        <translation>基本不变</translation>
    </message>
    <message>
        <source>%1× likelier</source>
        <translation>升至 %1 倍</translation>
    </message>
    <message>
        <source>%1× less likely</source>
        <translation>降至 1/%1</translation>
    </message>
    <message>
        <source>Tokens that might stand there</source>
        <translation>此处可能出现的词元</translation>
    </message>
    <message>
        <source>The likeliest tokens of either model, with their probabilities. A click, or Enter, puts one in and lets that side go on from it.</source>
        <translation>两个模型各自概率最高的词元及其概率。单击或按 Enter 即可换上该词元，并让那一侧从这里继续。</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>After</source>
        <translation>训练后</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>训练前</translation>
    </message>
    <message>
        <source>Training made it</source>
        <translation>概率变化</translation>
    </message>
    <message>
        <source>Click a token of an answer, or move to it with the arrow keys: here stands what else might have come, before and after.</source>
        <translation>单击回答中的词元，或用方向键移到它：这里会显示训练前后此处还可能出现什么。</translation>
    </message>
    <message>
        <source>In the answer before training, token %1</source>
        <translation>训练前的回答中，第 %1 个词元</translation>
    </message>
    <message>
        <source>In the answer after training, token %1</source>
        <translation>训练后的回答中，第 %1 个词元</translation>
    </message>
    <message>
        <source>In what the row says, token %1</source>
        <translation>数据行的内容中，第 %1 个词元</translation>
    </message>
    <message>
        <source>%1 is “%2”.</source>
        <translation>%1是“%2”。</translation>
    </message>
    <message>
        <source>Click another to go on from there.</source>
        <translation>单击其他词元即可从那里继续。</translation>
    </message>
    <message>
        <source>Token id %1.</source>
        <translation>词元 id %1。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::AnswerPane</name>
    <message numerus="yes">
        <source>%n new tokens at %1 tokens/s.</source>
        <translation>
            <numerusform>%n 个新词元，%1 词元/秒。</numerusform>
        </translation>
    </message>
    <message>
        <source>Mean KL %1&#xa0;nats a token.</source>
        <translation>平均 KL 每词元 %1&#xa0;nat。</translation>
    </message>
    <message>
        <source>Loss along it: %1 before, %2 after.</source>
        <translation>沿此内容的损失：训练前 %1，训练后 %2。</translation>
    </message>
    <message>
        <source>never</source>
        <translation>从不</translation>
    </message>
    <message>
        <source>1 in %1</source>
        <translation>1/%1</translation>
    </message>
    <message>
        <source>Brighter tokens are those that training made most of a difference to. Click one to see what else might have stood there, and to go on from another word.</source>
        <translation>越亮的词元受训练影响越大。单击词元可查看此处还可能出现什么，并换一个词继续。</translation>
    </message>
    <message>
        <source>“%1”, token %2</source>
        <translation>“%1”，第 %2 个词元</translation>
    </message>
    <message>
        <source>chosen by you</source>
        <translation>由你选择</translation>
    </message>
    <message>
        <source>after training: %1</source>
        <translation>训练后：%1</translation>
    </message>
    <message>
        <source>before training: %1</source>
        <translation>训练前：%1</translation>
    </message>
    <message>
        <source>KL(after || before) %1 nats</source>
        <translation>KL（训练后 || 训练前） %1&#xa0;nat</translation>
    </message>
    <message>
        <source>entropy %1 after, %2 before</source>
        <translation>熵：训练后 %1，训练前 %2</translation>
    </message>
    <message>
        <source>likeliest here:</source>
        <translation>此处概率最高：</translation>
    </message>
    <message>
        <source>%1   %2</source>
        <translation>%1   %2</translation>
    </message>
    <message>
        <source>%1   %2, before %3</source>
        <translation>%1   %2，训练前 %3</translation>
    </message>
    <message>
        <source>It ended its answer itself.</source>
        <translation>模型自行结束了回答。</translation>
    </message>
    <message>
        <source>It was cut at max_new_tokens, %1.</source>
        <translation>已在 max_new_tokens（%1）处截断。</translation>
    </message>
    <message>
        <source>You stopped it.</source>
        <translation>已由你停止。</translation>
    </message>
    <message>
        <source>You ended it.</source>
        <translation>已由你结束。</translation>
    </message>
    <message>
        <source>It was interrupted.</source>
        <translation>已被中断。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::AnswersModel</name>
    <message>
        <source>It should say: %1</source>
        <translation>应当回答：%1</translation>
    </message>
    <message>
        <source>✓ learned</source>
        <translation>✓ 已学会</translation>
    </message>
    <message>
        <source>✗ not yet</source>
        <translation>✗ 尚未学会</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>Before training</source>
        <translation>训练前</translation>
    </message>
    <message>
        <source>After training</source>
        <translation>训练后</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>结果</translation>
    </message>
</context>
<context>
    <name>vernier::ui::AnswersPanel</name>
    <message>
        <source>Answers before and after</source>
        <translation>训练前后的回答</translation>
    </message>
    <message>
        <source>The same five prompts, greedily answered by the model as it came and as it was tuned. None of them is among the training rows.</source>
        <translation>同样的五个提示词，分别由原模型和微调后的模型以贪心解码回答。它们都不在训练行中。</translation>
    </message>
    <message>
        <source>%1 of %2 answers hold what they should. Greedy decoding, the same prompts.</source>
        <translation>%2 个回答中有 %1 个包含应有内容。贪心解码，提示词相同。</translation>
    </message>
    <message>
        <source>The answers after training follow when the run has ended.</source>
        <translation>运行结束后会给出训练后的回答。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::AskSession</name>
    <message>
        <source>Waiting for the model</source>
        <translation>正在等待模型</translation>
    </message>
</context>
<context>
    <name>vernier::ui::BalanceModel</name>
    <message>
        <source>“%1” is said %2 times more often than the data ask for it: over-predicted.</source>
        <translation>“%1”的预测次数比数据所需多 %2 次：预测过多。</translation>
    </message>
    <message>
        <source>“%1” is said %2 times less often than the data ask for it: under-predicted.</source>
        <translation>“%1”的预测次数比数据所需少 %2 次：预测过少。</translation>
    </message>
    <message>
        <source>“%1” is said as often as the data ask for it.</source>
        <translation>“%1”的预测次数与数据所需相同。</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>id</translation>
    </message>
    <message>
        <source>Target</source>
        <translation>目标</translation>
    </message>
    <message>
        <source>Said</source>
        <translation>预测</translation>
    </message>
    <message>
        <source>Said − target</source>
        <translation>预测 − 目标</translation>
    </message>
    <message>
        <source>Hit</source>
        <translation>命中</translation>
    </message>
    <message>
        <source>Mean loss, nats</source>
        <translation>平均损失（nat）</translation>
    </message>
    <message>
        <source>The token as the run&apos;s tokenizer spells it.</source>
        <translation>运行所用分词器对该词元的写法。</translation>
    </message>
    <message>
        <source>Its number in the vocabulary.</source>
        <translation>它在词表中的编号。</translation>
    </message>
    <message>
        <source>How often it had a label (not -100): the data ask for it.</source>
        <translation>它带有标签（非 -100）的次数：数据所需。</translation>
    </message>
    <message>
        <source>How often it was the likeliest token (the arg-max) where something had a label.</source>
        <translation>在有标签之处，它是概率最高的词元（arg-max）的次数。</translation>
    </message>
    <message>
        <source>Right of the middle: over-predicted. Left: under-predicted.</source>
        <translation>中线右侧：预测过多。左侧：预测过少。</translation>
    </message>
    <message>
        <source>Of the times it was the target, how often it was also the likeliest.</source>
        <translation>它作为目标时，同时也是概率最高的词元的比例。</translation>
    </message>
    <message>
        <source>Mean of minus the logarithm of its probability, where it was the target.</source>
        <translation>它作为目标时，其概率的负对数的均值。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::BalanceScatter</name>
    <message>
        <source>No token had a label in these steps.</source>
        <translation>这些步中没有词元带有标签。</translation>
    </message>
    <message>
        <source>“%1”  id %2</source>
        <translation>“%1”  id %2</translation>
    </message>
    <message>
        <source>asked for %1 times, said %2 times</source>
        <translation>目标 %1 次，预测 %2 次</translation>
    </message>
    <message>
        <source>hit %1, mean loss %2 nats</source>
        <translation>命中 %1，平均损失 %2&#xa0;nat</translation>
    </message>
    <message>
        <source>%1 tokens, none selected</source>
        <translation>%1 个词元，未选中任何词元</translation>
    </message>
    <message>
        <source>0</source>
        <translation>0</translation>
    </message>
    <message>
        <source>times asked for (target)</source>
        <translation>目标次数</translation>
    </message>
    <message>
        <source>▲ said too often</source>
        <translation>▲ 预测过多</translation>
    </message>
    <message>
        <source>▼ said too seldom</source>
        <translation>▼ 预测过少</translation>
    </message>
    <message>
        <source>times said (arg-max)</source>
        <translation>预测次数（arg-max）</translation>
    </message>
    <message>
        <source>id</source>
        <translation>id</translation>
    </message>
    <message>
        <source>token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>target</source>
        <translation>目标</translation>
    </message>
    <message>
        <source>said</source>
        <translation>预测</translation>
    </message>
    <message>
        <source>said minus target</source>
        <translation>预测减目标</translation>
    </message>
    <message>
        <source>hits</source>
        <translation>命中数</translation>
    </message>
    <message>
        <source>mean loss</source>
        <translation>平均损失</translation>
    </message>
    <message>
        <source>class-balance</source>
        <translation>class-balance</translation>
    </message>
</context>
<context>
    <name>vernier::ui::BalanceSession</name>
    <message>
        <source>Counting targets and answers…</source>
        <translation>正在统计目标和预测…</translation>
    </message>
    <message>
        <source>Looking for examples…</source>
        <translation>正在查找示例…</translation>
    </message>
</context>
<context>
    <name>vernier::ui::BalanceView</name>
    <message>
        <source>Asked for against said</source>
        <translation>目标与预测次数</translation>
    </message>
    <message>
        <source>Each mark is a token: to the right the more often it is asked for, higher the more often it is said. Click one, or go through them with the arrow keys, the most over-predicted first.</source>
        <translation>每个标记是一个词元：越靠右，作为目标的次数越多；越靠上，被预测的次数越多。可单击，也可用方向键逐个查看，预测过多最严重的在前。</translation>
    </message>
    <message>
        <source>Class balance</source>
        <translation>类别平衡</translation>
    </message>
    <message>
        <source>How often each token is asked for, how often it is said, and at what loss: what the model says too often, and what too seldom.</source>
        <translation>每个词元作为目标的次数、被预测的次数及其损失：模型预测过多的和过少的词元。</translation>
    </message>
    <message>
        <source>First step</source>
        <translation>首步</translation>
    </message>
    <message>
        <source>The first step that is counted.</source>
        <translation>参与统计的第一步。</translation>
    </message>
    <message>
        <source>Steps fro&amp;m</source>
        <translation>步数从(&amp;M)</translation>
    </message>
    <message>
        <source>Last step</source>
        <translation>末步</translation>
    </message>
    <message>
        <source>The last step that is counted. A narrow range shows what the model says at that time of the training.</source>
        <translation>参与统计的最后一步。范围窄时，显示的是模型在训练那一阶段的预测。</translation>
    </message>
    <message>
        <source>t&amp;o</source>
        <translation>到(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Count</source>
        <translation>统计(&amp;C)</translation>
    </message>
    <message>
        <source>Count</source>
        <translation>统计</translation>
    </message>
    <message>
        <source>Reads the recorded tokens of these steps from the run&apos;s store, in the background.</source>
        <translation>在后台从运行的存储中读取这些步所记录的词元。</translation>
    </message>
    <message>
        <source>Show tokens with</source>
        <translation>显示包含以下内容的词元</translation>
    </message>
    <message>
        <source>Only tokens whose text holds this, or whose id it is.</source>
        <translation>仅显示文本包含此内容或 id 与之相同的词元。</translation>
    </message>
    <message>
        <source>Fi&amp;nd</source>
        <translation>查找(&amp;N)</translation>
    </message>
    <message>
        <source>At least this often</source>
        <translation>最少次数</translation>
    </message>
    <message>
        <source>Only tokens that are asked for and said this often in all: rare tokens are noise.</source>
        <translation>仅显示作为目标和被预测的总次数达到此值的词元：罕见词元只是噪声。</translation>
    </message>
    <message>
        <source>at least </source>
        <translation>至少 </translation>
    </message>
    <message>
        <source>&amp;Occurring</source>
        <translation>出现次数(&amp;O)</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Click a header to sort. Over-predicted tokens have a bar to the right, under-predicted to the left.</source>
        <translation>单击列标题可排序。预测过多的词元，条形向右；预测过少的向左。</translation>
    </message>
    <message>
        <source>Which examples</source>
        <translation>示例类型</translation>
    </message>
    <message>
        <source>Sequences where the selected token was asked for, at the highest loss; or where it was said and another was asked for.</source>
        <translation>选中词元作为目标且损失最高的序列；或它被预测而目标是其他词元的序列。</translation>
    </message>
    <message>
        <source>where it is asked for</source>
        <translation>作为目标时</translation>
    </message>
    <message>
        <source>where it is said wrongly</source>
        <translation>被误预测时</translation>
    </message>
    <message>
        <source>E&amp;xamples</source>
        <translation>示例(&amp;X)</translation>
    </message>
    <message>
        <source>Examples</source>
        <translation>示例</translation>
    </message>
    <message>
        <source>The costliest first. Choosing one selects its step, sequence and token everywhere.</source>
        <translation>损失最高的在前。选择一个示例，各处都会选中其步、序列和词元。</translation>
    </message>
    <message>
        <source>Once the tokens of the run are counted, each stands here by how often it is asked for and said.</source>
        <translation>统计运行的词元之后，每个词元会按其目标次数和预测次数显示在这里。</translation>
    </message>
    <message>
        <source>Select a token to see where it costs most.</source>
        <translation>选择一个词元，查看它在哪里损失最高。</translation>
    </message>
    <message>
        <source>The tokens of these steps were not recorded, so there is nothing to count.</source>
        <translation>这些步的词元没有记录，因此无从统计。</translation>
    </message>
    <message>
        <source>No token of these steps has a label, so there is nothing to count.</source>
        <translation>这些步中没有词元带有标签，因此无从统计。</translation>
    </message>
    <message>
        <source>Steps %1 to %2: %3 targets of %4 different tokens; %5 of them were the likeliest token.</source>
        <translation>第 %1 到 %2 步：%3 个目标，涉及 %4 种词元；其中 %5 被模型排在首位。</translation>
    </message>
    <message>
        <source>%1 The tokens of %2 of %3 sequences were not recorded and count nowhere.</source>
        <translation>%1 另有 %2 个序列（共 %3 个）的词元未记录，不计入统计。</translation>
    </message>
    <message>
        <source>“%1” is never asked for in these steps.</source>
        <translation>“%1”在这些步中从未作为目标。</translation>
    </message>
    <message>
        <source>“%1” is never said wrongly in these steps.</source>
        <translation>“%1”在这些步中从未被误预测。</translation>
    </message>
    <message numerus="yes">
        <source>Sequences in which “%1” costs most: %n.</source>
        <translation>
            <numerusform>“%1”损失最高的序列：%n 个。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Sequences in which “%1” stands in the costliest token&apos;s place: %n.</source>
        <translation>
            <numerusform>在损失最高的词元处误预测为“%1”的序列：%n 个。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::BeforeAfterView</name>
    <message>
        <source>Before / after</source>
        <translation>训练前/后</translation>
    </message>
    <message>
        <source>Asks the model as it was and as training left it, side by side, and shows at which words they part.</source>
        <translation>向训练前和训练后的模型提问，并排显示，并指出两者在哪些词上出现分歧。</translation>
    </message>
    <message>
        <source>Adapter</source>
        <translation>适配器</translation>
    </message>
    <message>
        <source>The adapter that answers after training: the newest that was saved, or that of an earlier checkpoint.</source>
        <translation>训练后作答所用的适配器：最新保存的，或较早检查点的。</translation>
    </message>
    <message>
        <source>&amp;Ask both</source>
        <translation>同时提问(&amp;A)</translation>
    </message>
    <message>
        <source>Ask both</source>
        <translation>同时提问</translation>
    </message>
    <message>
        <source>Answers on both sides at once, then compares the two at every token. Ctrl+Enter in the prompt does the same.</source>
        <translation>两侧同时回答，然后逐词元对比。在提示词中按 Ctrl+Enter 效果相同。</translation>
    </message>
    <message>
        <source>St&amp;op</source>
        <translation>停止(&amp;O)</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Ends both answers where they are; what is there is still compared. A second time ends that too.</source>
        <translation>让两个回答就此结束；已有内容仍会对比。再按一次则连对比也结束。</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>How much of what is being done is done.</source>
        <translation>当前工作已完成的比例。</translation>
    </message>
    <message>
        <source>&amp;Copy as Markdown</source>
        <translation>复制为 Markdown(&amp;C)</translation>
    </message>
    <message>
        <source>Copy as Markdown</source>
        <translation>复制为 Markdown</translation>
    </message>
    <message>
        <source>Prompt, settings, both answers and the tokens at which they part most, ready to paste into a report.</source>
        <translation>提示词、设置、两个回答以及分歧最大的词元，可直接粘贴到报告中。</translation>
    </message>
    <message>
        <source>Before training</source>
        <translation>训练前</translation>
    </message>
    <message>
        <source>What the model says without the adapter will stand here.</source>
        <translation>这里将显示模型不用适配器时的回答。</translation>
    </message>
    <message>
        <source>After training</source>
        <translation>训练后</translation>
    </message>
    <message>
        <source>What it says with the adapter will stand here.</source>
        <translation>这里将显示模型使用适配器时的回答。</translation>
    </message>
    <message>
        <source>What the row says</source>
        <translation>数据行中的内容</translation>
    </message>
    <message>
        <source>KL(after || before): how far training moved what the model expects at a token. 0: not at all; ln 2 = 0.69 nats is about one choice between two.</source>
        <translation>KL（训练后 || 训练前）：训练使模型在某个词元处的预期改变了多少。0：毫无改变；ln 2 = 0.69&#xa0;nat 约相当于一次二选一。</translation>
    </message>
    <message numerus="yes">
        <source>The prompt has %n tokens.</source>
        <translation>
            <numerusform>提示词有 %n 个词元。</numerusform>
        </translation>
    </message>
    <message>
        <source>As the model sees it:
%1</source>
        <translation>模型所见：
%1</translation>
    </message>
    <message>
        <source>Newest adapter, step %1</source>
        <translation>最新适配器，第 %1 步</translation>
    </message>
    <message>
        <source>Checkpoint of step %1</source>
        <translation>第 %1 步的检查点</translation>
    </message>
    <message>
        <source>No run is open</source>
        <translation>没有打开的运行</translation>
    </message>
    <message>
        <source>Here any prompt is answered twice: by the model as it was, and as training left it, with the difference shown at every token. Open a run that has saved an adapter, or try the demo.</source>
        <translation>在这里，任何提示词都会得到两个回答：分别来自训练前后的模型，并逐词元显示差异。请打开已保存适配器的运行，或试用演示。</translation>
    </message>
    <message>
        <source>Try the demo</source>
        <translation>试用演示</translation>
    </message>
    <message>
        <source>This run has no adapter</source>
        <translation>此运行没有适配器</translation>
    </message>
    <message>
        <source>It trains all weights (method: full), so there is nothing that could be faded out to get the model from before. Compare shows its answers beside those of other runs.</source>
        <translation>它训练全部权重（方法：full），没有可以淡出的部分来还原训练前的模型。“对比”会把它的回答与其他运行的回答并列显示。</translation>
    </message>
    <message>
        <source>No adapter is saved yet</source>
        <translation>尚未保存适配器</translation>
    </message>
    <message>
        <source>A run saves its adapter at every checkpoint, when it is stopped, and at its end. As soon as one is there, any prompt can be asked here, also while training goes on.</source>
        <translation>运行会在每个检查点、停止时和结束时保存适配器。一旦有了适配器，就可以在这里用任何提示词提问，训练进行时也可以。</translation>
    </message>
    <message>
        <source>Save a checkpoint now</source>
        <translation>立即保存检查点</translation>
    </message>
    <message>
        <source>After training, strength %1</source>
        <translation>训练后，强度 %1</translation>
    </message>
    <message>
        <source>KL(after || before) at each token</source>
        <translation>每个词元处的 KL（训练后 || 训练前）</translation>
    </message>
    <message>
        <source>0: as before</source>
        <translation>0：与训练前相同</translation>
    </message>
    <message>
        <source>%1 nats or more</source>
        <translation>%1&#xa0;nat 及以上</translation>
    </message>
    <message>
        <source>Adap&amp;ter after training</source>
        <translation>训练后的适配器(&amp;T)</translation>
    </message>
</context>
<context>
    <name>vernier::ui::CaptureSession</name>
    <message>
        <source>Reading the logits…</source>
        <translation>正在读取 logits…</translation>
    </message>
</context>
<context>
    <name>vernier::ui::CheckFigures</name>
    <message>
        <source>Peak memory</source>
        <translation>峰值内存</translation>
    </message>
    <message>
        <source>The most that the run will take of its device&apos;s memory, as peak_memory_bytes of its steps will tell it. Measured on the longest rows once the weights were tried, predicted before.</source>
        <translation>运行将占用其设备内存的最大值，即各步的 peak_memory_bytes 所报告的值。试过权重之后为最长行上的实测值，之前为预测值。</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>All steps at the time that one takes, without loading and evaluations. From a real step once the weights were tried, from two layers with random weights before.</source>
        <translation>按单步用时推算所有步的时间，不含加载和评估。试过权重之后取自真实的一步，之前取自两个随机权重的层。</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>步数</translation>
    </message>
    <message>
        <source>Optimizer steps, and the rows that they go through.</source>
        <translation>优化器步数，以及所经过的行数。</translation>
    </message>
    <message>
        <source>Tokens a step</source>
        <translation>每步词元数</translation>
    </message>
    <message>
        <source>The mean over the first steps; real tokens, as nothing is padded.</source>
        <translation>最初几步的均值；均为真实词元，没有填充。</translation>
    </message>
    <message>
        <source>First loss</source>
        <translation>初始损失</translation>
    </message>
    <message>
        <source>Loss per token of the first step&apos;s rows before anything is learnt, in nats. A blind guess over the vocabulary costs ln V.</source>
        <translation>学习开始之前，第一步各行的每词元损失，单位 nat。在整个词表上盲猜的损失为 ln V。</translation>
    </message>
    <message>
        <source>%1 of the %2 that are free</source>
        <translation>占可用 %2 的 %1</translation>
    </message>
    <message>
        <source>%1 of the %2 that are free, and %3 of the computer&apos;s memory</source>
        <translation>占可用 %2 的 %1，另需主机内存 %3</translation>
    </message>
    <message>
        <source>%1 ms a step</source>
        <translation>每步 %1 毫秒</translation>
    </message>
    <message>
        <source>%1 s a step</source>
        <translation>每步 %1 秒</translation>
    </message>
    <message>
        <source>over %1 rows</source>
        <translation>共 %1 行</translation>
    </message>
    <message>
        <source>%1 times over %2 rows</source>
        <translation>%2 行 × %1 轮</translation>
    </message>
    <message>
        <source>without padding</source>
        <translation>无填充</translation>
    </message>
    <message>
        <source>rows %1 full</source>
        <translation>行填充率 %1</translation>
    </message>
    <message>
        <source>a blind guess is ln V = %1</source>
        <translation>盲猜为 ln V = %1</translation>
    </message>
</context>
<context>
    <name>vernier::ui::CheckRow</name>
    <message>
        <source>Fix</source>
        <translation>修复</translation>
    </message>
    <message>
        <source>Outdated</source>
        <translation>已过期</translation>
    </message>
    <message>
        <source>Fix sets %1.</source>
        <translation>修复内容：%1。</translation>
    </message>
    <message>
        <source>Fix: %1</source>
        <translation>修复：%1</translation>
    </message>
    <message>
        <source>%1 Changes the configuration; Undo takes it back.</source>
        <translation>%1 这会更改配置；可用“撤销”恢复。</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
</context>
<context>
    <name>vernier::ui::CheckSession</name>
    <message>
        <source>The check was cancelled before it was done.</source>
        <translation>检查在完成之前已取消。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::CheckStep</name>
    <message>
        <source>Nothing to check yet</source>
        <translation>尚无可检查的内容</translation>
    </message>
    <message>
        <source>Once a model and data are chosen, every row is read, a step is tried on the longest ones, and whatever would spoil the run stands here with what to do about it. Choose a model and data in the steps before.</source>
        <translation>选好模型和数据后，会读取每一行，在最长的行上试跑一步，凡是会破坏运行的问题都会连同处理办法列在这里。请先在前面的步骤中选择模型和数据。</translation>
    </message>
    <message>
        <source>Stands in the way</source>
        <translation>阻碍运行</translation>
    </message>
    <message>
        <source>Worth a look</source>
        <translation>值得留意</translation>
    </message>
    <message>
        <source>In order</source>
        <translation>正常</translation>
    </message>
    <message>
        <source>Try the &amp;weights</source>
        <translation>试用权重(&amp;W)</translation>
    </message>
    <message>
        <source>Try the weights</source>
        <translation>试用权重</translation>
    </message>
    <message>
        <source>Loads the model and makes a step on the longest rows, up to the update: shows whether it fits, what the first loss is and whether training and evaluation agree. Nothing is changed.</source>
        <translation>加载模型，并在最长的行上执行一步，直到参数更新：显示能否放得下、初始损失是多少、训练与评估是否一致。不会更改任何内容。</translation>
    </message>
    <message>
        <source>Check &amp;again</source>
        <translation>重新检查(&amp;A)</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>重新检查</translation>
    </message>
    <message>
        <source>Makes every check anew, with the weights: after a file was changed, or memory became free.</source>
        <translation>重新执行全部检查，包括试加载权重：适合在文件被修改或有内存释放之后使用。</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>取消(&amp;C)</translation>
    </message>
    <message>
        <source>Cancel the check</source>
        <translation>取消检查</translation>
    </message>
    <message>
        <source>Ends the check. What was found so far stays.</source>
        <translation>结束检查。已得到的结果会保留。</translation>
    </message>
    <message>
        <source>Progress of the check</source>
        <translation>检查进度</translation>
    </message>
    <message>
        <source>How far the present part of the check is.</source>
        <translation>当前检查项的进度。</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>Needs a model and data</source>
        <translation>需要先选择模型和数据</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>正在检查…</translation>
    </message>
    <message>
        <source>Not checked yet</source>
        <translation>尚未检查</translation>
    </message>
    <message>
        <source>Fails: %1</source>
        <translation>不通过：%1</translation>
    </message>
    <message>
        <source>Changed since it was checked</source>
        <translation>检查之后有改动</translation>
    </message>
    <message>
        <source>The weights are not tried yet</source>
        <translation>尚未试加载权重</translation>
    </message>
    <message>
        <source>Worth a look: %1</source>
        <translation>值得留意：%1</translation>
    </message>
    <message>
        <source>Everything is in order</source>
        <translation>一切正常</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>As it stands, the run would fail</source>
        <translation>按当前配置，运行会失败</translation>
    </message>
    <message>
        <source>The check is not complete</source>
        <translation>检查不完整</translation>
    </message>
    <message>
        <source>The configuration, or a file, has changed since it was checked</source>
        <translation>检查之后配置或文件有改动</translation>
    </message>
    <message>
        <source>Nothing found so far: the weights are not tried yet</source>
        <translation>目前未发现问题：尚未试加载权重</translation>
    </message>
    <message>
        <source>The run can start; some things are worth a look</source>
        <translation>可以开始运行；有几处值得留意</translation>
    </message>
    <message>
        <source>Nothing stands against this run</source>
        <translation>没有妨碍这次运行的问题</translation>
    </message>
    <message>
        <source>Results appear as they come. Nothing is written and nothing is trained.</source>
        <translation>结果会陆续显示。检查不写入任何内容，也不进行训练。</translation>
    </message>
    <message>
        <source>Trying them takes about %1 of memory and as long as loading does.</source>
        <translation>试加载权重约需 %1 内存，耗时与正式加载相同。</translation>
    </message>
    <message>
        <source>Fix: %1</source>
        <translation>修复：%1</translation>
    </message>
    <message>
        <source>Changed %1.</source>
        <translation>已更改 %1。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ColumnMapping</name>
    <message>
        <source>The list of turns: role and content, or from and value.</source>
        <translation>对话轮次列表：字段为 role 和 content，或 from 和 value。</translation>
    </message>
    <message>
        <source>What the system says in front of the turns.</source>
        <translation>置于各轮次之前的系统内容。</translation>
    </message>
    <message>
        <source>Descriptions of tools, for templates that write them.</source>
        <translation>工具的描述，供会写出工具的模板使用。</translation>
    </message>
    <message>
        <source>What is asked for: the user&apos;s turn.</source>
        <translation>所提的要求：即用户轮次。</translation>
    </message>
    <message>
        <source>What the instruction speaks of; added to the user&apos;s turn.</source>
        <translation>指令所针对的内容；会附加到用户轮次中。</translation>
    </message>
    <message>
        <source>The answer that is learnt.</source>
        <translation>要学习的回答。</translation>
    </message>
    <message>
        <source>Earlier turns as pairs of instruction and output.</source>
        <translation>更早的轮次，由指令和输出成对组成。</translation>
    </message>
    <message>
        <source>Several pairs of input and output to one instruction.</source>
        <translation>同一指令下的多组输入和输出。</translation>
    </message>
    <message>
        <source>The user&apos;s turn.</source>
        <translation>用户轮次。</translation>
    </message>
    <message>
        <source>The assistant&apos;s turn, which is learnt.</source>
        <translation>助手轮次，即要学习的内容。</translation>
    </message>
    <message>
        <source>What the model is given.</source>
        <translation>给模型的内容。</translation>
    </message>
    <message>
        <source>What it learns to go on with.</source>
        <translation>模型要学习续写的内容。</translation>
    </message>
    <message>
        <source>A text that is learnt whole.</source>
        <translation>整段学习的文本。</translation>
    </message>
    <message>
        <source>Token ids of this very tokenizer.</source>
        <translation>由当前分词器生成的词元 id。</translation>
    </message>
    <message>
        <source>A label for each token, -100 for those not learnt.</source>
        <translation>每个词元的标签，不学习的词元为 -100。</translation>
    </message>
    <message>
        <source>Conversations (messages)</source>
        <translation>对话（messages）</translation>
    </message>
    <message>
        <source>Conversations (sharegpt)</source>
        <translation>对话（sharegpt）</translation>
    </message>
    <message>
        <source>Instructions (alpaca)</source>
        <translation>指令（alpaca）</translation>
    </message>
    <message>
        <source>Questions and answers (question_answer)</source>
        <translation>问答（question_answer）</translation>
    </message>
    <message>
        <source>Prompts (prompt_completion)</source>
        <translation>提示词（prompt_completion）</translation>
    </message>
    <message>
        <source>Trees of messages (oasst)</source>
        <translation>消息树（oasst）</translation>
    </message>
    <message>
        <source>Plain texts (text)</source>
        <translation>纯文本（text）</translation>
    </message>
    <message>
        <source>Token ids (tokens)</source>
        <translation>词元 id（tokens）</translation>
    </message>
    <message>
        <source>For&amp;mat</source>
        <translation>格式(&amp;M)</translation>
    </message>
    <message>
        <source>Format of the rows</source>
        <translation>数据行的格式</translation>
    </message>
    <message>
        <source>What a row means. Left alone, it is recognised from the first row (dataset.format &quot;auto&quot;).</source>
        <translation>数据行的含义。若不更改，则根据首行识别（dataset.format &quot;auto&quot;）。</translation>
    </message>
    <message>
        <source>Recognise it (auto)</source>
        <translation>自动识别（auto）</translation>
    </message>
    <message>
        <source>Recognised: %1</source>
        <translation>识别结果：%1</translation>
    </message>
    <message>
        <source>%1 (needed)</source>
        <translation>%1（必填）</translation>
    </message>
    <message>
        <source>Column for %1</source>
        <translation>对应 %1 的列</translation>
    </message>
    <message>
        <source>its own name</source>
        <translation>同名列</translation>
    </message>
    <message>
        <source>found: %1</source>
        <translation>已找到：%1</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>%1 (not in the file)</source>
        <translation>%1（文件中没有）</translation>
    </message>
    <message>
        <source>change the data&apos;s format</source>
        <translation>更改数据格式</translation>
    </message>
    <message>
        <source>change the column for %1</source>
        <translation>更改对应 %1 的列</translation>
    </message>
</context>
<context>
    <name>vernier::ui::CommandPalette</name>
    <message>
        <source>Find a command</source>
        <translation>查找命令</translation>
    </message>
    <message>
        <source>Type a few letters; arrows choose, Enter does it.</source>
        <translation>输入几个字母；用方向键选择，按 Enter 执行。</translation>
    </message>
    <message>
        <source>Pages, actions, settings…</source>
        <translation>页面、操作、设置…</translation>
    </message>
    <message>
        <source>Commands found</source>
        <translation>找到的命令</translation>
    </message>
    <message>
        <source>Enter does the selected one.</source>
        <translation>按 Enter 执行选中的命令。</translation>
    </message>
    <message>
        <source>%1 (not now)</source>
        <translation>%1（现在不可用）</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ComparePage</name>
    <message>
        <source>What is compared</source>
        <translation>对比内容</translation>
    </message>
    <message>
        <source>Curves, figures and settings of the chosen runs, and what each answers to the same prompts.</source>
        <translation>所选运行的曲线、指标和设置，以及它们对相同提示词的回答。</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>Figures of the runs</source>
        <translation>各运行的指标</translation>
    </message>
    <message>
        <source>How each run ended. The best of a row is named where one is better.</source>
        <translation>各运行的最终结果。若某行可分优劣，会标出最优者。</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>设置项</translation>
    </message>
    <message>
        <source>Settings of the runs</source>
        <translation>各运行的设置</translation>
    </message>
    <message>
        <source>run.json of each run, key by key: what differs may explain what the curves show.</source>
        <translation>逐个键对比各运行的 run.json：曲线的差别可能就源于这些不同之处。</translation>
    </message>
    <message>
        <source>Curves</source>
        <translation>曲线</translation>
    </message>
    <message>
        <source>Figures</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Choose two to four.</source>
        <translation>请选择两到四个。</translation>
    </message>
    <message>
        <source>Runs to compare</source>
        <translation>要对比的运行</translation>
    </message>
    <message>
        <source>Space chooses a run, or gives it up. The line beside a chosen one is the one it is drawn with.</source>
        <translation>按空格键选中或取消一个运行。选中项旁的线条就是它在图中的线型。</translation>
    </message>
    <message>
        <source>Four are chosen: give one up to choose another.</source>
        <translation>已选四个：先取消一个才能再选。</translation>
    </message>
    <message>
        <source>Choose at least two runs</source>
        <translation>请至少选择两个运行</translation>
    </message>
    <message>
        <source>There is nothing to compare yet</source>
        <translation>还没有可对比的内容</translation>
    </message>
    <message>
        <source>Their losses are drawn over each other, with what their settings differ in, their final figures and their answers to the same prompts.</source>
        <translation>它们的损失曲线会叠加绘制，并列出设置的差异、最终指标以及对相同提示词的回答。</translation>
    </message>
    <message>
        <source>Two runs show what a change does: their losses over each other, the settings that differ, their final figures and their answers to the same prompts. Train the demo twice to see it.</source>
        <translation>两个运行就能看出一处改动的效果：损失曲线叠加显示，并列出设置差异、最终指标和对相同提示词的回答。把演示训练两次即可看到。</translation>
    </message>
    <message>
        <source>Try the demo</source>
        <translation>试用演示</translation>
    </message>
    <message>
        <source>One run is there. Change a setting and train again: both then stand side by side, with their losses, the settings that differ, their final figures and their answers to the same prompts.</source>
        <translation>已有一个运行。改动一项设置再训练一次，两者就会并排显示：损失曲线、设置的差异、最终指标以及对相同提示词的回答。</translation>
    </message>
    <message>
        <source>Set up a run</source>
        <translation>配置运行</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ComparePlot</name>
    <message>
        <source>Losses of the runs</source>
        <translation>各运行的损失</translation>
    </message>
    <message>
        <source>Runs over one axis: equal steps are not equal work where batches differ, so compare over tokens, too. Wheel zooms, drag moves, L makes the loss logarithmic, S smooths.</source>
        <translation>多个运行共用一条坐标轴：批次不同时，步数相同并不意味着训练量相同，因此也请按词元数对比。滚轮缩放，拖动平移，L 切换对数损失，S 切换平滑。</translation>
    </message>
    <message>
        <source>loss per sequence, nats</source>
        <translation>每序列损失（nat）</translation>
    </message>
    <message>
        <source>loss per token, nats</source>
        <translation>每词元损失（nat）</translation>
    </message>
    <message>
        <source>%1: %2 at %3</source>
        <translation>%1：%2，位于 %3</translation>
    </message>
    <message>
        <source>runs</source>
        <translation>各运行</translation>
    </message>
    <message>
        <source>&amp;Logarithmic loss</source>
        <translation>对数损失(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Smooth</source>
        <translation>平滑(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Reset zoom</source>
        <translation>重置缩放(&amp;R)</translation>
    </message>
    <message>
        <source>run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>loss per token</source>
        <translation>每词元损失</translation>
    </message>
    <message>
        <source>loss per sequence</source>
        <translation>每序列损失</translation>
    </message>
    <message>
        <source>Loss of the runs</source>
        <translation>各运行的损失</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ComparedCurvesPanel</name>
    <message>
        <source>%1 million</source>
        <translation>%1 百万</translation>
    </message>
    <message>
        <source>Horizontal axis</source>
        <translation>横轴</translation>
    </message>
    <message>
        <source>What the curves are drawn over. Steps of runs with different batches are not equal work: tokens and time tell which run learns more from the same.</source>
        <translation>曲线的横轴。批次不同的运行，步数相同并不意味着训练量相同：按词元数和时间才能看出，同等投入下哪个运行学得更多。</translation>
    </message>
    <message>
        <source>Over steps</source>
        <translation>按步数</translation>
    </message>
    <message>
        <source>Over tokens</source>
        <translation>按词元数</translation>
    </message>
    <message>
        <source>Over time</source>
        <translation>按时间</translation>
    </message>
    <message>
        <source>Which loss</source>
        <translation>损失类型</translation>
    </message>
    <message>
        <source>Both come from the same forward pass, whichever a run was trained on: per token every token weighs the same, per sequence every row does.</source>
        <translation>无论运行按哪种损失训练，两者都来自同一次前向传播：每词元损失中每个词元权重相同，每序列损失中每个数据行权重相同。</translation>
    </message>
    <message>
        <source>Loss per token</source>
        <translation>每词元损失</translation>
    </message>
    <message>
        <source>Loss per sequence</source>
        <translation>每序列损失</translation>
    </message>
    <message>
        <source>&amp;Training</source>
        <translation>训练(&amp;T)</translation>
    </message>
    <message>
        <source>The loss of every step, on the rows that were trained on in it.</source>
        <translation>每一步在该步所训练数据行上的损失。</translation>
    </message>
    <message>
        <source>Evaluati&amp;on</source>
        <translation>评估(&amp;O)</translation>
    </message>
    <message>
        <source>Hollow points: the loss on rows that are never trained on.</source>
        <translation>空心点：在从不参与训练的数据行上的损失。</translation>
    </message>
    <message>
        <source>&amp;Logarithmic</source>
        <translation>对数(&amp;L)</translation>
    </message>
    <message>
        <source>Equal ratios as equal heights. On the plot: L.</source>
        <translation>相等的比值显示为相等的高度。图中快捷键：L。</translation>
    </message>
    <message>
        <source>&amp;Smooth</source>
        <translation>平滑(&amp;S)</translation>
    </message>
    <message>
        <source>A moving mean over the thin raw curve of runs with sixty steps or more. On the plot: S.</source>
        <translation>对六十步及以上的运行，在细的原始曲线上叠加移动平均。图中快捷键：S。</translation>
    </message>
    <message>
        <source>tokens trained on</source>
        <translation>已训练词元数</translation>
    </message>
    <message>
        <source>time in steps</source>
        <translation>各步累计用时</translation>
    </message>
    <message>
        <source>optimizer step</source>
        <translation>优化器步</translation>
    </message>
    <message>
        <source>%1 and %2 have the same loss at every step: one curve lies under the other.</source>
        <translation>%1 与 %2 每一步的损失都相同：两条曲线重叠在一起。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ComparisonModel</name>
    <message>
        <source>%1 (best)</source>
        <translation>%1（最优）</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ComparisonPanel</name>
    <message>
        <source>Only what &amp;differs</source>
        <translation>仅显示差异(&amp;D)</translation>
    </message>
    <message>
        <source>Only what differs</source>
        <translation>仅显示差异</translation>
    </message>
    <message>
        <source>Leaves out the rows in which all runs agree: what is left is what may explain the difference.</source>
        <translation>略去各运行相同的行：余下的可能就是差别的原因。</translation>
    </message>
    <message>
        <source>&amp;Copy as Markdown</source>
        <translation>复制为 Markdown(&amp;C)</translation>
    </message>
    <message>
        <source>Copy as Markdown</source>
        <translation>复制为 Markdown</translation>
    </message>
    <message>
        <source>Puts the table, as it is shown, on the clipboard, for a report or an issue.</source>
        <translation>将表格按当前显示复制到剪贴板，便于写入报告或 issue。</translation>
    </message>
    <message>
        <source>Rows in which all runs agree, and which are left out: %1.</source>
        <translation>各运行相同而被略去的行：%1。</translation>
    </message>
    <message>
        <source>The runs do not differ in anything.</source>
        <translation>各运行之间没有任何差异。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ConversationEditor</name>
    <message>
        <source>Add a turn</source>
        <translation>添加轮次</translation>
    </message>
    <message>
        <source>A conversation of several turns: what was said before shapes the answer. The roles alternate.</source>
        <translation>多轮对话：之前的内容会影响回答。角色交替出现。</translation>
    </message>
    <message>
        <source>Add a t&amp;urn</source>
        <translation>添加轮次(&amp;U)</translation>
    </message>
    <message>
        <source>System</source>
        <translation>系统</translation>
    </message>
    <message>
        <source>User</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>Assistant</source>
        <translation>助手</translation>
    </message>
    <message>
        <source>Role of turn %1</source>
        <translation>第 %1 轮的角色</translation>
    </message>
    <message>
        <source>Who says it. The chat template writes each role in the model&apos;s own way.</source>
        <translation>由谁来说。对话模板会按模型自己的方式写出每个角色。</translation>
    </message>
    <message>
        <source>Text of turn %1</source>
        <translation>第 %1 轮的文本</translation>
    </message>
    <message>
        <source>What is said. Ctrl+Enter asks both models.</source>
        <translation>所说的内容。按 Ctrl+Enter 同时询问两个模型。</translation>
    </message>
    <message>
        <source>Ask something…</source>
        <translation>问点什么…</translation>
    </message>
    <message>
        <source>Remove turn %1</source>
        <translation>移除第 %1 轮</translation>
    </message>
    <message>
        <source>Takes this turn out of the conversation.</source>
        <translation>将这一轮从对话中移除。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::CurvePlot</name>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>no point here</source>
        <translation>此处无数据点</translation>
    </message>
    <message>
        <source>Curve</source>
        <translation>曲线</translation>
    </message>
    <message>
        <source>%1: from %2 to %3</source>
        <translation>%1：从 %2 到 %3</translation>
    </message>
    <message>
        <source>No curve yet</source>
        <translation>尚无曲线</translation>
    </message>
    <message>
        <source>&amp;Logarithmic</source>
        <translation>对数(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Whole range</source>
        <translation>完整范围(&amp;W)</translation>
    </message>
</context>
<context>
    <name>vernier::ui::CurvesPanel</name>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>The run&apos;s numbers are in %1.</source>
        <translation>这个运行的数值保存在 %1 中。</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>图表</translation>
    </message>
    <message>
        <source>Smoothing strength</source>
        <translation>平滑强度</translation>
    </message>
    <message>
        <source>Over how many steps the loss is smoothed at most; short runs are smoothed over a twenty-fifth of their length. More shows the trend, less shows what single batches did.</source>
        <translation>损失最多在多少步上平滑；较短的运行按其长度的二十五分之一平滑。数值越大越能看出趋势，越小越能看出单个批次的影响。</translation>
    </message>
    <message>
        <source>at most %1 steps</source>
        <translation>最多 %1 步</translation>
    </message>
    <message>
        <source>Clip outliers</source>
        <translation>裁去离群点</translation>
    </message>
    <message>
        <source>Draws to the usual values, from the 1st to the 99th percentile; triangles at the edge mark what lies beyond.</source>
        <translation>只绘制第 1 到第 99 百分位的常见取值；边缘的三角标出超出范围的点。</translation>
    </message>
    <message>
        <source>Show all steps</source>
        <translation>显示全部步</translation>
    </message>
    <message>
        <source>Ends the zoom of all charts. On the plot: 0, or a double click.</source>
        <translation>取消所有图表的缩放。在图中按 0 或双击亦可。</translation>
    </message>
    <message>
        <source>Save charts</source>
        <translation>保存图表</translation>
    </message>
    <message>
        <source>As a picture (PNG, SVG, PDF) of what is shown, or all of the run&apos;s numbers as CSV.</source>
        <translation>将当前显示保存为图片（PNG、SVG、PDF），或将运行的全部数值保存为 CSV。</translation>
    </message>
    <message>
        <source>&amp;Picture…</source>
        <translation>图片(&amp;P)…</translation>
    </message>
    <message>
        <source>&amp;Numbers as CSV…</source>
        <translation>数值 CSV(&amp;N)…</translation>
    </message>
    <message>
        <source>&amp;Copy as picture</source>
        <translation>复制为图片(&amp;C)</translation>
    </message>
    <message>
        <source>Show as &amp;table</source>
        <translation>显示为表格(&amp;T)</translation>
    </message>
    <message>
        <source>Save numbers</source>
        <translation>保存数值</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation>CSV (*.csv)</translation>
    </message>
    <message>
        <source>Both losses of each step, from one forward; where they part, the gap below shows by how much. Of two numbers at a line&apos;s end the second is smoothed. Click a point or use the arrow keys to select a step; drag over some steps to zoom into them, with Shift into a box.</source>
        <translation>每一步的两种损失，来自同一次前向计算；两者相差多少，看下方的差距。线末若有两个数字，后一个是平滑后的值。点击某点或用方向键选择一步；拖过若干步可放大它们，按住 Shift 则放大一个方框。</translation>
    </message>
    <message>
        <source>Chooses what stands under the loss, over the same steps: the gap between the two losses, evaluation, learning rate, gradient norm, throughput, memory.</source>
        <translation>选择损失下方在同一步数轴上显示什么：两种损失的差距、评估、学习率、梯度范数、吞吐量、内存。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::DataStep</name>
    <message>
        <source>What is held back</source>
        <translation>留出内容</translation>
    </message>
    <message>
        <source>Rows that are not learnt from, to see whether the model gets better at what it has not read.</source>
        <translation>不参与学习的数据行，用来检验模型在没读过的内容上是否有进步。</translation>
    </message>
    <message>
        <source>How turns are laid out</source>
        <translation>轮次的排布方式</translation>
    </message>
    <message>
        <source>Conversations become one text with marks between the turns.</source>
        <translation>对话会变成一段文本，轮次之间以标记隔开。</translation>
    </message>
    <message>
        <source>Which rows</source>
        <translation>使用哪些数据行</translation>
    </message>
    <message>
        <source>&amp;Data file</source>
        <translation>数据文件(&amp;D)</translation>
    </message>
    <message>
        <source>Its rows are what the model learns; the file is only read.</source>
        <translation>模型学习其中的数据行；文件只会被读取。</translation>
    </message>
    <message>
        <source>Recent data files</source>
        <translation>最近的数据文件</translation>
    </message>
    <message>
        <source>Data files that were used lately.</source>
        <translation>最近使用过的数据文件。</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>最近</translation>
    </message>
    <message>
        <source>Use the bundled set</source>
        <translation>使用内置数据集</translation>
    </message>
    <message>
        <source>Short questions and the answers of an old sea captain, with held-out ones to evaluate on: made for the bundled model, and right for a first try with any.</source>
        <translation>简短的问题和一位老船长的回答，附有用于评估的留出数据：为内置模型而做，也适合用任何模型初次尝试。</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>重新读取</translation>
    </message>
    <message>
        <source>Read the file again</source>
        <translation>重新读取文件</translation>
    </message>
    <message>
        <source>Reads the file from the disk anew. A change on the disk is noticed by itself, too.</source>
        <translation>从磁盘重新读取文件。文件在磁盘上有改动时也会自动察觉。</translation>
    </message>
    <message>
        <source>How they are read</source>
        <translation>读取方式</translation>
    </message>
    <message>
        <source>Show more</source>
        <translation>显示更多</translation>
    </message>
    <message>
        <source>Show more rows</source>
        <translation>显示更多行</translation>
    </message>
    <message>
        <source>Reads four times as many rows of the file into the table.</source>
        <translation>将表格中读入的行数增加到四倍。</translation>
    </message>
    <message>
        <source>Rows of the file</source>
        <translation>文件中的数据行</translation>
    </message>
    <message>
        <source>The file&apos;s rows as they are, one line each. The chosen one stands beside it as it is understood.</source>
        <translation>文件中的原始数据行，每行一条。选中行的解读结果显示在旁边。</translation>
    </message>
    <message>
        <source>None yet</source>
        <translation>暂无</translation>
    </message>
    <message>
        <source>use the bundled data</source>
        <translation>使用内置数据</translation>
    </message>
    <message>
        <source>A plain text, shown in %1 stretches; it is cut into rows of max_length tokens.</source>
        <translation>纯文本，分 %1 段显示；会切成每行 max_length 个词元。</translation>
    </message>
    <message>
        <source>All %1 rows of %2.</source>
        <translation>%2 的全部 %1 行。</translation>
    </message>
    <message>
        <source>The first %1 of about %2 rows of %3; all are read for the labels.</source>
        <translation>%3 的前 %1 行，共约 %2 行；计算标签时会读取全部。</translation>
    </message>
    <message>
        <source>Plain text, certainly: the file holds no rows of JSON and no table.</source>
        <translation>确定为纯文本：文件中没有 JSON 行，也没有表格。</translation>
    </message>
    <message>
        <source>%1, as you chose.</source>
        <translation>%1，由你选定。</translation>
    </message>
    <message>
        <source>%1, doubtful: the first row has %2, but not every row can be read so.</source>
        <translation>%1，存疑：首行有%2，但并非每行都能这样读取。</translation>
    </message>
    <message>
        <source> and </source>
        <translation> 和 </translation>
    </message>
    <message>
        <source>%1, likely: every row shown has %2. The columns would do for %3 as well.</source>
        <translation>%1，很可能：所显示的每行都有%2。这些列也符合%3。</translation>
    </message>
    <message>
        <source>%1, certain: every row shown has %2.</source>
        <translation>%1，确定：所显示的每行都有%2。</translation>
    </message>
    <message>
        <source>This run learns from one batch file at every step: %1.</source>
        <translation>这个运行每一步都从同一个批次文件学习：%1。</translation>
    </message>
    <message>
        <source>Use a data file instead</source>
        <translation>改用数据文件</translation>
    </message>
    <message>
        <source>Recognise anew</source>
        <translation>重新识别</translation>
    </message>
    <message>
        <source>Forgets the chosen format and columns, and looks at the first row again.</source>
        <translation>清除所选的格式和列，重新根据首行识别。</translation>
    </message>
    <message numerus="yes">
        <source>Rows that cannot be read: %n. A run would stop there: %1</source>
        <translation>
            <numerusform>无法读取的数据行：%n。运行会在该处停止：%1</numerusform>
        </translation>
    </message>
    <message>
        <source>Go to it</source>
        <translation>转到该行</translation>
    </message>
    <message numerus="yes">
        <source>Rows with a placeholder such as {{name}} that was never filled in: %n. The model would learn to say it.</source>
        <translation>
            <numerusform>含有未填充占位符（如 {{name}}）的数据行：%n。模型会学着把它说出来。</numerusform>
        </translation>
    </message>
    <message>
        <source>The model has no chat template: turns are laid out in Alpaca&apos;s way unless you choose one below.</source>
        <translation>模型没有对话模板：除非在下方另选，否则轮次按 Alpaca 的方式排布。</translation>
    </message>
    <message>
        <source>Use the model&apos;s own template</source>
        <translation>使用模型自带的模板</translation>
    </message>
    <message>
        <source>use a data file</source>
        <translation>使用数据文件</translation>
    </message>
    <message>
        <source>recognise the data&apos;s format</source>
        <translation>识别数据格式</translation>
    </message>
    <message>
        <source>use the model&apos;s chat template</source>
        <translation>使用模型的对话模板</translation>
    </message>
    <message>
        <source>One batch file: %1</source>
        <translation>一个批次文件：%1</translation>
    </message>
    <message>
        <source>No data chosen</source>
        <translation>未选择数据</translation>
    </message>
    <message>
        <source>%1 cannot be read</source>
        <translation>无法读取 %1</translation>
    </message>
    <message>
        <source>Reading %1…</source>
        <translation>正在读取 %1…</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message numerus="yes">
        <source>rows: %n</source>
        <translation>
            <numerusform>%n 行</numerusform>
        </translation>
    </message>
    <message>
        <source>about %1 rows</source>
        <translation>约 %1 行</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>JSONL, JSON, CSV, TSV or plain text, also compressed (gzip, zstd). Drop a file anywhere here.</source>
        <translation>JSONL、JSON、CSV、TSV 或纯文本，也可以是压缩文件（gzip、zstd）。可将文件拖放到此处任意位置。</translation>
    </message>
    <message>
        <source>%1: choose its columns</source>
        <translation>%1：请选择各列</translation>
    </message>
    <message>
        <source>Drop d&amp;uplicates</source>
        <translation>去掉重复行(&amp;U)</translation>
    </message>
    <message>
        <source>Of rows with the same tokens and labels the first alone is learnt from; the others would count again.</source>
        <translation>词元和标签都相同的行只学习第一行，否则其余各行会重复计入。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::DataTableDialog</name>
    <message>
        <source>The numbers behind the plot, unrounded where they are drawn.</source>
        <translation>图表背后的数值，未按绘图舍入。</translation>
    </message>
    <message>
        <source>&amp;Copy all</source>
        <translation>全部复制(&amp;C)</translation>
    </message>
    <message>
        <source>All rows, separated by tabs, ready for a spreadsheet.</source>
        <translation>所有行，以制表符分隔，可直接粘贴到电子表格。</translation>
    </message>
    <message>
        <source>Copying all rows</source>
        <translation>正在复制所有行</translation>
    </message>
</context>
<context>
    <name>vernier::ui::DemoSession</name>
    <message>
        <source>Asking the model before training…</source>
        <translation>正在询问训练前的模型…</translation>
    </message>
    <message>
        <source>Asking the model after training…</source>
        <translation>正在询问训练后的模型…</translation>
    </message>
</context>
<context>
    <name>vernier::ui::DraftField</name>
    <message>
        <source>%1 In a run file: %2.</source>
        <translation>%1 在运行配置文件中：%2。</translation>
    </message>
    <message>
        <source>What this setting is called in a run file and in other tools.</source>
        <translation>此设置在运行配置文件和其他工具中的名称。</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>change %1</source>
        <translation>更改 %1</translation>
    </message>
</context>
<context>
    <name>vernier::ui::DraftKeeper</name>
    <message>
        <source>The set-up of last time could not be read, and a new one begins. It is kept as %1. %2</source>
        <translation>无法读取上次的配置，已从新的配置开始。原文件保留为 %1。%2</translation>
    </message>
</context>
<context>
    <name>vernier::ui::DraftSummary</name>
    <message>
        <source>%1 B</source>
        <translation>%1 B</translation>
    </message>
    <message>
        <source>%1 M</source>
        <translation>%1 M</translation>
    </message>
    <message>
        <source>%1 k</source>
        <translation>%1 k</translation>
    </message>
    <message>
        <source>Trained</source>
        <translation>训练参数</translation>
    </message>
    <message>
        <source>Tokens a step</source>
        <translation>每步词元数</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>步数</translation>
    </message>
    <message>
        <source>Memory at the peak</source>
        <translation>峰值内存</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Choose a model and data; what the run will be is summed up here.</source>
        <translation>请选择模型和数据；这里会概括将要进行的运行。</translation>
    </message>
    <message>
        <source>%1 is chosen; what it is to learn from is not.</source>
        <translation>已选择 %1；尚未选择要学习的数据。</translation>
    </message>
    <message>
        <source>Trains every weight of %1 on %2.</source>
        <translation>在 %2 上训练 %1 的全部权重。</translation>
    </message>
    <message>
        <source>Goes on with the adapter %1 of %2, on %3.</source>
        <translation>在 %3 上继续训练 %2 的适配器 %1。</translation>
    </message>
    <message>
        <source>Trains a DoRA adapter of rank %1 for %2 on %3.</source>
        <translation>在 %3 上为 %2 训练秩为 %1 的 DoRA 适配器。</translation>
    </message>
    <message>
        <source>Trains a LoRA adapter of rank %1 for %2 on %3.</source>
        <translation>在 %3 上为 %2 训练秩为 %1 的 LoRA 适配器。</translation>
    </message>
    <message>
        <source>all %1</source>
        <translation>全部 %1</translation>
    </message>
    <message>
        <source>%1 (%2 of the base)</source>
        <translation>%1（占基座的 %2）</translation>
    </message>
    <message>
        <source>Parameters that the optimizer changes; the others stay as they are.</source>
        <translation>优化器会更改的参数；其余参数保持不变。</translation>
    </message>
    <message>
        <source>%1 on average</source>
        <translation>平均 %1</translation>
    </message>
    <message>
        <source>at most %1</source>
        <translation>最多 %1</translation>
    </message>
    <message>
        <source>max_length times rows a micro-batch times gradient_accumulation_steps is the most; rows that are shorter make it less.</source>
        <translation>上限为 max_length 乘以每个微批次的行数再乘以 gradient_accumulation_steps；数据行较短时会更少。</translation>
    </message>
    <message>
        <source>%1 epochs</source>
        <translation>%1 轮</translation>
    </message>
    <message>
        <source>Updates of the trained parameters: max_steps, or what num_train_epochs makes of the rows, which is known once the data is read.</source>
        <translation>所训练参数的更新次数：取 max_steps，或由 num_train_epochs 和数据行数得出，后者在读取数据后才能确定。</translation>
    </message>
    <message>
        <source>%1 of %2 free</source>
        <translation>需 %1，可用 %2</translation>
    </message>
    <message>
        <source>%1 of %2 free, and %3 of the computer&apos;s memory</source>
        <translation>需 %1，可用 %2，另需主机内存 %3</translation>
    </message>
    <message>
        <source>%1, only %2 free</source>
        <translation>需 %1，仅 %2 可用</translation>
    </message>
    <message>
        <source>Weights, adapter, gradients, optimizer and activations of the largest micro-batch, as the engine will lay them out. The Training step draws it.</source>
        <translation>权重、适配器、梯度、优化器以及最大微批次的激活值，按引擎的实际布局计算。“训练”步骤中有图示。</translation>
    </message>
    <message>
        <source>about %1</source>
        <translation>约 %1</translation>
    </message>
    <message>
        <source>not measured yet</source>
        <translation>尚未测量</translation>
    </message>
    <message>
        <source>The check times a real step on this machine; steps times that is the run&apos;s time, evaluations and saving apart.</source>
        <translation>检查会在本机上实测一步的用时；乘以步数即为运行时间，评估和保存另计。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::EndNotice</name>
    <message>
        <source>Training has finished</source>
        <translation>训练已完成</translation>
    </message>
    <message>
        <source>%1 is done after step %2; the adapter is saved.</source>
        <translation>%1 在第 %2 步后完成；适配器已保存。</translation>
    </message>
    <message>
        <source>Training has stopped</source>
        <translation>训练已停止</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Training has failed</source>
        <translation>训练失败</translation>
    </message>
    <message>
        <source>%1 is done after step %2; the model is saved.</source>
        <translation>%1 在第 %2 步后完成；模型已保存。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::EvaluationChoice</name>
    <message>
        <source>&amp;Share</source>
        <translation>比例(&amp;S)</translation>
    </message>
    <message>
        <source>Evaluate &amp;on</source>
        <translation>评估数据(&amp;O)</translation>
    </message>
    <message>
        <source>Evaluate on</source>
        <translation>评估数据</translation>
    </message>
    <message>
        <source>Rows that the model does not learn from show whether it understands or only remembers.</source>
        <translation>模型不学习的数据行，可以看出它是理解了还是只是记住了。</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>a share of the rows (eval_fraction)</source>
        <translation>部分数据行（eval_fraction）</translation>
    </message>
    <message>
        <source>another file (eval_dataset)</source>
        <translation>另一个文件（eval_dataset）</translation>
    </message>
    <message>
        <source>Share of the rows to evaluate on, in per cent</source>
        <translation>用于评估的数据行比例（百分比）</translation>
    </message>
    <message>
        <source>So many of the rows are drawn by the seed and held back from training (eval_fraction).</source>
        <translation>按随机种子抽取这一比例的数据行，不参与训练（eval_fraction）。</translation>
    </message>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>Evaluation fi&amp;le</source>
        <translation>评估文件(&amp;L)</translation>
    </message>
    <message>
        <source>Rows of the same or another format; none of them is learnt from.</source>
        <translation>格式可相同也可不同；其中的数据行都不参与学习。</translation>
    </message>
    <message>
        <source>change eval_fraction</source>
        <translation>更改 eval_fraction</translation>
    </message>
    <message>
        <source>change what is evaluated on</source>
        <translation>更改评估数据</translation>
    </message>
    <message>
        <source>%1 rows to train on, %2 to evaluate on, each with something to learn.</source>
        <translation>%1 行用于训练，%2 行用于评估，每行都有可学习的内容。</translation>
    </message>
    <message>
        <source>%1 rows to train on. Nothing tells then whether the model understands or only remembers.</source>
        <translation>%1 行用于训练。这样就无从得知模型是理解了还是只是记住了。</translation>
    </message>
    <message>
        <source>%1 rows to train on, %2 to evaluate on.</source>
        <translation>%1 行用于训练，%2 行用于评估。</translation>
    </message>
    <message>
        <source>About %1 rows to train on, %2 to evaluate on.</source>
        <translation>约 %1 行用于训练，%2 行用于评估。</translation>
    </message>
    <message>
        <source>The file to evaluate on is not there: %1</source>
        <translation>评估文件不存在：%1</translation>
    </message>
    <message>
        <source>The share to evaluate on leaves no row to train on.</source>
        <translation>按此评估比例，没有剩下可训练的数据行。</translation>
    </message>
    <message>
        <source>%1 held out</source>
        <translation>留出 %1</translation>
    </message>
    <message>
        <source>evaluated on %1</source>
        <translation>用 %1 评估</translation>
    </message>
    <message>
        <source>Dro&amp;p overlap</source>
        <translation>去掉重叠行(&amp;P)</translation>
    </message>
    <message>
        <source>Rows that are trained on are not evaluated on: their loss falls even where nothing general is learnt.</source>
        <translation>不用训练过的行来评估：即使没有学到普遍规律，它们的损失也会下降。</translation>
    </message>
    <message>
        <source>%1 Those of the latter that are trained on are left out; the check counts them.</source>
        <translation>%1 其中参与训练的评估行会被去掉，数目见检查步骤。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ExamplesModel</name>
    <message>
        <source>✓ the same</source>
        <translation>✓ 相同</translation>
    </message>
    <message>
        <source>Loss, nats</source>
        <translation>损失（nat）</translation>
    </message>
    <message>
        <source>Asked for</source>
        <translation>目标词元</translation>
    </message>
    <message>
        <source>Said</source>
        <translation>模型输出</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>Sequence</source>
        <translation>序列</translation>
    </message>
    <message>
        <source>Row</source>
        <translation>行</translation>
    </message>
    <message>
        <source>Position</source>
        <translation>位置</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ExportDialog</name>
    <message>
        <source>Export %1</source>
        <translation>导出 %1</translation>
    </message>
    <message>
        <source>&amp;Adapter (PEFT)</source>
        <translation>适配器（PEFT）(&amp;A)</translation>
    </message>
    <message>
        <source>The trained matrices alone: small, and used beside the base model.</source>
        <translation>仅包含训练得到的矩阵：体积小，需配合基座模型使用。</translation>
    </message>
    <message>
        <source>&amp;Merged checkpoint (Transformers)</source>
        <translation>合并检查点（Transformers）(&amp;M)</translation>
    </message>
    <message>
        <source>The whole model with what was learnt added in.</source>
        <translation>整个模型，已并入学到的内容。</translation>
    </message>
    <message>
        <source>&amp;GGUF (llama.cpp)</source>
        <translation>GGUF（llama.cpp）(&amp;G)</translation>
    </message>
    <message>
        <source>One file with model and tokenizer, for llama.cpp and the programs built on it.</source>
        <translation>包含模型和分词器的单个文件，供 llama.cpp 及基于它的程序使用。</translation>
    </message>
    <message>
        <source>&amp;Film of the run (HTML)</source>
        <translation>运行影片（HTML）(&amp;F)</translation>
    </message>
    <message>
        <source>Curves, configuration, tokens and captured logits in one file that any browser opens, without model or network.</source>
        <translation>曲线、配置、词元和捕获的 logit 都在一个文件中，任何浏览器都能打开，无需模型或网络。</translation>
    </message>
    <message>
        <source>Progress of the export</source>
        <translation>导出进度</translation>
    </message>
    <message>
        <source>How far the present part of the export is.</source>
        <translation>当前导出阶段的进度。</translation>
    </message>
    <message>
        <source>&amp;Open folder</source>
        <translation>打开文件夹(&amp;O)</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Shows what was written in the desktop&apos;s file manager.</source>
        <translation>在桌面的文件管理器中显示所写的内容。</translation>
    </message>
    <message>
        <source>&amp;Export</source>
        <translation>导出(&amp;E)</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Writes aside, reads back what was written, compares it with the live model, and only then gives it its name. Where anything fails, nothing is left.</source>
        <translation>先写入临时位置，再读回并与当前模型比较，通过后才使用正式名称。任何一步失败都不会留下文件。</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>取消(&amp;C)</translation>
    </message>
    <message>
        <source>Cancel the export</source>
        <translation>取消导出</translation>
    </message>
    <message>
        <source>Stops; nothing of what was written is left.</source>
        <translation>停止导出；已写入的内容不会保留。</translation>
    </message>
    <message>
        <source>C&amp;lose</source>
        <translation>关闭(&amp;L)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Closes this window.</source>
        <translation>关闭此窗口。</translation>
    </message>
    <message>
        <source>%1 in %2 tensors (%3); %4 are free there.</source>
        <translation>%1，共 %2 个张量（%3）；目标位置可用空间 %4。</translation>
    </message>
    <message>
        <source>Beginning…</source>
        <translation>正在开始…</translation>
    </message>
    <message>
        <source>%1…</source>
        <translation>%1…</translation>
    </message>
    <message>
        <source>%1 written: %2, with the tokens of %3 steps and %4 captures.</source>
        <translation>已写入 %1：%2，包含 %3 步的词元和 %4 次捕获。</translation>
    </message>
    <message numerus="yes">
        <source>%n captures are left out: their files are missing or damaged.</source>
        <translation>
            <numerusform>略去了 %n 次捕获：其文件缺失或损坏。</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancelled: nothing was left.</source>
        <translation>已取消：未留下任何文件。</translation>
    </message>
    <message>
        <source>The run has saved nothing that could be exported so yet.</source>
        <translation>这个运行尚未保存可按此方式导出的内容。</translation>
    </message>
    <message>
        <source>Element type</source>
        <translation>数据类型</translation>
    </message>
    <message>
        <source>How a number is kept: float32 exactly, bfloat16 and float16 in half the bytes, q8_0 in about a quarter with a little rounding.</source>
        <translation>数值的存储方式：float32 精确保存，bfloat16 和 float16 占一半字节，q8_0 约占四分之一，略有舍入。</translation>
    </message>
    <message>
        <source>Element &amp;type</source>
        <translation>数据类型(&amp;T)</translation>
    </message>
    <message>
        <source>Where to</source>
        <translation>保存到</translation>
    </message>
    <message>
        <source>A new or empty folder; for GGUF and film the name of a file. Nothing that is there is written over.</source>
        <translation>新建或空的文件夹；GGUF 和影片则为文件名。不会覆盖任何已有内容。</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>浏览(&amp;B)…</translation>
    </message>
    <message>
        <source>Browse</source>
        <translation>浏览</translation>
    </message>
    <message>
        <source>Chooses where to write.</source>
        <translation>选择写入位置。</translation>
    </message>
    <message>
        <source>&amp;Where to</source>
        <translation>保存到(&amp;W)</translation>
    </message>
    <message>
        <source>float32, as it was trained</source>
        <translation>float32，与训练时相同</translation>
    </message>
    <message>
        <source>As the checkpoint has it</source>
        <translation>与检查点相同</translation>
    </message>
    <message>
        <source>GGUF (*.gguf)</source>
        <translation>GGUF (*.gguf)</translation>
    </message>
    <message>
        <source>HTML (*.html)</source>
        <translation>HTML (*.html)</translation>
    </message>
    <message>
        <source>Export as</source>
        <translation>导出为</translation>
    </message>
    <message>
        <source>Export into a new folder</source>
        <translation>导出到新文件夹</translation>
    </message>
    <message>
        <source>Usually some megabytes: the worst sequences and the tokens of chosen steps go along.</source>
        <translation>通常为几 MB：会附上最差的序列和所选步的词元。</translation>
    </message>
    <message>
        <source>Name the file to write.</source>
        <translation>请填写要写入的文件名。</translation>
    </message>
    <message>
        <source>A file of that name is there. Choose another name.</source>
        <translation>已有同名文件。请换一个名称。</translation>
    </message>
    <message>
        <source>Looking at what it would be…</source>
        <translation>正在估算导出内容…</translation>
    </message>
    <message>
        <source>%1 written: %2 in %3 tensors (%4).</source>
        <translation>已写入 %1：%2，共 %3 个张量（%4）。</translation>
    </message>
    <message>
        <source>Read back and compared with the live model at %1 positions: it %2. Its logits differ by %3 of their length (%4 is tolerated), and %5 of the likeliest tokens are the same.</source>
        <translation>已读回，并在 %1 个位置上与当前模型比较，结果：%2。logit 的相对差异为其范数的 %3（容许 %4），最可能的词元有 %5 相同。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::FindingList</name>
    <message>
        <source>Good</source>
        <translation>良好</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <extracomment>A finding for a screen reader: how much it weighs, and what it says.</extracomment>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>发现的问题</translation>
    </message>
</context>
<context>
    <name>vernier::ui::FoundModelsModel</name>
    <message>
        <source>comes with Vernier</source>
        <translation>Vernier 自带</translation>
    </message>
    <message>
        <source>used lately</source>
        <translation>最近使用</translation>
    </message>
    <message>
        <source>Hugging Face cache</source>
        <translation>Hugging Face 缓存</translation>
    </message>
    <message>
        <source>LM Studio</source>
        <translation>LM Studio</translation>
    </message>
    <message>
        <source>folder of models</source>
        <translation>模型文件夹</translation>
    </message>
    <message>
        <source>no weights</source>
        <translation>没有权重</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>系列</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Demo model</source>
        <translation>演示模型</translation>
    </message>
    <message>
        <source>ModelScope cache</source>
        <translation>ModelScope 缓存</translation>
    </message>
</context>
<context>
    <name>vernier::ui::GradientMap</name>
    <message>
        <source>Gradient norms by layer and step</source>
        <translation>各层各步的梯度范数</translation>
    </message>
    <message>
        <source>layer %1, %2</source>
        <translation>第 %1 层，%2</translation>
    </message>
    <message>
        <source>layer %1</source>
        <translation>第 %1 层</translation>
    </message>
    <message>
        <source>gradient norm before clipping, logarithmic; the largest of a column&apos;s steps</source>
        <translation>裁剪前的梯度范数，对数刻度；取每列各步中的最大值</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>第 %1 步</translation>
    </message>
    <message>
        <source>steps %1 to %2</source>
        <translation>第 %1 至 %2 步</translation>
    </message>
    <message>
        <source>gradient norm %1</source>
        <translation>梯度范数 %1</translation>
    </message>
    <message>
        <source>largest gradient norm %1</source>
        <translation>最大梯度范数 %1</translation>
    </message>
    <message>
        <source>gradient norm 0: nothing reaches it</source>
        <translation>梯度范数为 0：没有梯度传到这里</translation>
    </message>
    <message>
        <source>first step</source>
        <translation>第一步</translation>
    </message>
    <message>
        <source>last step</source>
        <translation>最后一步</translation>
    </message>
    <message>
        <source>gradient-norms</source>
        <translation>gradient-norms</translation>
    </message>
    <message>
        <source>%1 rows and %2 columns; norms from %3 to %4</source>
        <translation>%1 行 %2 列；范数从 %3 到 %4</translation>
    </message>
</context>
<context>
    <name>vernier::ui::InspectPage</name>
    <message>
        <source>Views</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>Ways to look at the run. Left and right arrow change the view.</source>
        <translation>查看运行的各种方式。按左右方向键切换视图。</translation>
    </message>
    <message>
        <source>Nothing to inspect yet</source>
        <translation>还没有可检视的内容</translation>
    </message>
    <message>
        <source>Once a run has a step, its sequences stand here token by token: what each cost the model, what it expected instead, and whether training, evaluation and decoding agree.</source>
        <translation>运行有了第一步之后，这里会逐词元显示它的序列：模型在每个词元上的损失、它原本预期的词元，以及训练、评估和解码是否一致。</translation>
    </message>
    <message>
        <source>Try the demo</source>
        <translation>试用演示</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>The optimizer step to look at. The same step is selected on the Run page.</source>
        <translation>要查看的优化器步。“运行”页面上会选中同一步。</translation>
    </message>
    <message>
        <source>St&amp;ep</source>
        <translation>步(&amp;E)</translation>
    </message>
    <message>
        <source>Sequence</source>
        <translation>序列</translation>
    </message>
    <message>
        <source>The sequences of this step, worst first.</source>
        <translation>这一步的序列，最差的在前。</translation>
    </message>
    <message>
        <source>Se&amp;quence</source>
        <translation>序列(&amp;Q)</translation>
    </message>
    <message>
        <source>%1 · row %2 · loss %3</source>
        <translation>%1 · 行 %2 · 损失 %3</translation>
    </message>
    <message>
        <source>Set up a run</source>
        <translation>配置运行</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LabelBars</name>
    <message>
        <source>Rows by what is learnt of them</source>
        <translation>各数据行的学习情况</translation>
    </message>
    <message>
        <source>Every row as a bar of its tokens: filled is learnt, hatched is only read, dashed is cut away by max_length. Choose one to read it as the tokenizer sees it.</source>
        <translation>每个数据行是一条由其词元构成的条：实心为学习，斜线为只读取，虚线为被 max_length 截去。选中一行可查看它在分词器眼中的样子。</translation>
    </message>
    <message>
        <source>Row</source>
        <translation>行</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>词元数</translation>
    </message>
    <message>
        <source>With a label</source>
        <translation>带标签</translation>
    </message>
    <message>
        <source>First label at</source>
        <translation>首个标签位置</translation>
    </message>
    <message>
        <source>%1 rows, none chosen</source>
        <translation>共 %1 行，未选中</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LabelChoice</name>
    <message>
        <source>Every token is a target, the prompts too: right for plain texts. With questions and answers the model also learns to ask.</source>
        <translation>每个词元都是目标，提示词也不例外：适合纯文本。用于问答数据时，模型也会学着提问。</translation>
    </message>
    <message>
        <source>Only what follows the prompt is a target (completion_only_loss).</source>
        <translation>只有提示词之后的内容是目标（completion_only_loss）。</translation>
    </message>
    <message>
        <source>Only what the assistant says is a target, in every one of its turns (assistant_only_loss).</source>
        <translation>只有助手说的内容是目标，每一轮都算（assistant_only_loss）。</translation>
    </message>
    <message>
        <source>Only the assistant&apos;s words in the completion are targets: both options together.</source>
        <translation>只有补全中助手说的内容是目标：两个选项同时启用。</translation>
    </message>
    <message>
        <source>&amp;Learn</source>
        <translation>学习内容(&amp;L)</translation>
    </message>
    <message>
        <source>What is learnt</source>
        <translation>学习内容</translation>
    </message>
    <message>
        <source>Tokens with a label are targets: the loss is counted on them. The others are only read.</source>
        <translation>带标签的词元是目标：损失按它们计算。其余词元只读取。</translation>
    </message>
    <message>
        <source>everything</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>the completion only</source>
        <translation>仅补全</translation>
    </message>
    <message>
        <source>the assistant&apos;s turns only</source>
        <translation>仅助手轮次</translation>
    </message>
    <message>
        <source>the assistant&apos;s words in the completion</source>
        <translation>补全中的助手内容</translation>
    </message>
    <message>
        <source>&amp;Keep at most</source>
        <translation>最多保留(&amp;K)</translation>
    </message>
    <message>
        <source>Tokens that are kept of a row</source>
        <translation>每行保留的词元数</translation>
    </message>
    <message>
        <source>Longer rows are cut at the end (max_length). Memory grows with it; what lies behind is never learnt.</source>
        <translation>较长的数据行会在末尾截断（max_length）。内存随之增长；截断之后的内容不会被学习。</translation>
    </message>
    <message>
        <source> tokens</source>
        <translation> 词元</translation>
    </message>
    <message>
        <source>Assistant speaks &amp;behind</source>
        <translation>助手起始标记(&amp;B)</translation>
    </message>
    <message>
        <source>The text in front of each answer (response_part), where the chat template does not show the turns: &quot;### Response:\n&quot;. Empty: the template shows them.</source>
        <translation>每个回答之前的文本（response_part），用于对话模板未标明轮次的情况：&quot;### Response:\n&quot;。留空则由模板标明。</translation>
    </message>
    <message>
        <source>up to the &amp;next</source>
        <translation>用户起始标记(&amp;N)</translation>
    </message>
    <message>
        <source>The text in front of the user&apos;s next turn (instruction_part), such as &quot;### Instruction:\n&quot;.</source>
        <translation>用户下一轮之前的文本（instruction_part），例如 &quot;### Instruction:\n&quot;。</translation>
    </message>
    <message>
        <source>as the template shows</source>
        <translation>由模板标明</translation>
    </message>
    <message>
        <source>change the markers of the turns</source>
        <translation>更改轮次标记</translation>
    </message>
    <message>
        <source>change what is learnt</source>
        <translation>更改学习内容</translation>
    </message>
    <message>
        <source>change max_length</source>
        <translation>更改 max_length</translation>
    </message>
    <message>
        <source>Rows of this format do not tell a prompt from its completion.</source>
        <translation>这种格式的数据行不区分提示词和补全。</translation>
    </message>
    <message>
        <source>Rows of this format have no turns of an assistant.</source>
        <translation>这种格式的数据行没有助手轮次。</translation>
    </message>
    <message>
        <source>Rows of this format do not have both.</source>
        <translation>这种格式的数据行不同时具备两者。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LabelsStep</name>
    <message>
        <source>What is learnt</source>
        <translation>学习内容</translation>
    </message>
    <message>
        <source>A token with a label is a target that the loss is counted on. The others are masked (-100): the model reads them and is not asked to say them.</source>
        <translation>带标签的词元是计算损失的目标。其余词元已掩码（-100）：模型读取它们，但不要求说出它们。</translation>
    </message>
    <message>
        <source>How much of the data is read</source>
        <translation>数据的读取进度</translation>
    </message>
    <message>
        <source>Stop reading</source>
        <translation>停止读取</translation>
    </message>
    <message>
        <source>Stop reading the rows</source>
        <translation>停止读取数据行</translation>
    </message>
    <message>
        <source>Keeps what was read so far. The counts are then of these rows alone.</source>
        <translation>保留已读取的内容。此时的统计只涵盖这些数据行。</translation>
    </message>
    <message>
        <source>Read all rows</source>
        <translation>读取全部行</translation>
    </message>
    <message>
        <source>Reads every row of the data again, from the first one.</source>
        <translation>从第一行起重新读取全部数据行。</translation>
    </message>
    <message>
        <source>How long the rows are</source>
        <translation>数据行的长度</translation>
    </message>
    <message>
        <source>Every row, looked through</source>
        <translation>逐行透视</translation>
    </message>
    <message>
        <source>Filled: learnt. Hatched: only read. Dashed: cut away. Choose a row to read it token by token.</source>
        <translation>实心：学习。斜线：只读取。虚线：被截去。选中一行可逐词元查看。</translation>
    </message>
    <message>
        <source>How many rows have how many tokens stands here once they are read.</source>
        <translation>读取数据行后，这里会显示各词元数对应的行数。</translation>
    </message>
    <message>
        <source>%1 rows read</source>
        <translation>已读取 %1 行</translation>
    </message>
    <message>
        <source>Stopped at %1 rows</source>
        <translation>停在第 %1 行</translation>
    </message>
    <message>
        <source>Show them</source>
        <translation>显示这些行</translation>
    </message>
    <message>
        <source>Shows only the rows that lost every label for this reason.</source>
        <translation>仅显示因此失去全部标签的行。</translation>
    </message>
    <message>
        <source>Shows only these rows.</source>
        <translation>仅显示这些行。</translation>
    </message>
    <message numerus="yes">
        <source>Rows that end the assistant&apos;s last turn without a special token: %n. A model that learns from them does not learn to stop. Choose another chat template.</source>
        <translation>
            <numerusform>助手最后一轮末尾没有特殊词元的数据行：%n。从中学习的模型学不会停止。请另选对话模板。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Rows with a placeholder such as {{name}} that was never filled in: %n.</source>
        <translation>
            <numerusform>含有未填充占位符（如 {{name}}）的数据行：%n。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Rows that spell a special token in their content: %n. The model reads it as the token itself.</source>
        <translation>
            <numerusform>内容中写有特殊词元的数据行：%n。模型会将其读作该词元本身。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Exact duplicates of an earlier row: %n. They count as often as they stand there.</source>
        <translation>
            <numerusform>与前面某行完全重复的数据行：%n。出现几次就计几次。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Rows that bring a BOS of their own: %n. The tokenizer&apos;s second one is left out.</source>
        <translation>
            <numerusform>自带 BOS 的数据行：%n。分词器再加的 BOS 会被略去。</numerusform>
        </translation>
    </message>
    <message>
        <source>Learn everything</source>
        <translation>学习全部</translation>
    </message>
    <message>
        <source>Makes every token a target, which rows of any format allow.</source>
        <translation>将每个词元都设为目标，任何格式的数据行都适用。</translation>
    </message>
    <message>
        <source>Not all rows were read: what stands here is of the first %1.</source>
        <translation>并未读取全部数据行：此处仅为前 %1 行的结果。</translation>
    </message>
    <message numerus="yes">
        <source>Rows longer than max_length: %n. %1 of their tokens are cut away.</source>
        <translation>
            <numerusform>长于 max_length 的数据行：%n。其中 %1 个词元被截去。</numerusform>
        </translation>
    </message>
    <message>
        <source>Shows only the rows that are cut.</source>
        <translation>仅显示被截断的行。</translation>
    </message>
    <message>
        <source>The prompts are learnt too. Usually only the answers are.</source>
        <translation>提示词也会被学习。通常只学习回答。</translation>
    </message>
    <message>
        <source>Learn the completion only</source>
        <translation>仅学习补全</translation>
    </message>
    <message>
        <source>Learn the assistant&apos;s turns only</source>
        <translation>仅学习助手轮次</translation>
    </message>
    <message>
        <source>%1 of %2 tokens are learnt (%3).</source>
        <translation>学习 %2 个词元中的 %1 个（%3）。</translation>
    </message>
    <message>
        <source>No row is cut: a longer one becomes several of max_length tokens. %1 Without any label: %2 rows.</source>
        <translation>没有数据行被截断：较长的行会切成多个 max_length 词元的行。%1没有任何标签：%2 行。</translation>
    </message>
    <message>
        <source>%1 of %2 rows are cut, %3 tokens in all; %4 rows have no label left. %5</source>
        <translation>%2 行中有 %1 行被截断，共截去 %3 个词元；%4 行没有剩下标签。%5</translation>
    </message>
    <message>
        <source>The batch file&apos;s own labels</source>
        <translation>批次文件自带的标签</translation>
    </message>
    <message>
        <source>Needs a model and data</source>
        <translation>需要先选择模型和数据</translation>
    </message>
    <message>
        <source>Reading the rows: %1</source>
        <translation>正在读取数据行：%1</translation>
    </message>
    <message>
        <source>%1 of the tokens learnt</source>
        <translation>学习 %1 的词元</translation>
    </message>
    <message numerus="yes">
        <source>rows cut: %n</source>
        <translation>
            <numerusform>%n 行被截断</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>rows lost: %n</source>
        <translation>
            <numerusform>%n 行失去标签</numerusform>
        </translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>There are no rows to train on: a run would refuse the file.</source>
        <translation>没有用于训练的数据行：运行会拒绝该文件。</translation>
    </message>
    <message>
        <source>There are no rows to evaluate on: a run would refuse the file.</source>
        <translation>没有用于评估的数据行：运行会拒绝该文件。</translation>
    </message>
    <message>
        <source>None of the %1 rows to train on has a token to learn, and a run would refuse them. Most likely: %2. %3</source>
        <translation>用于训练的 %1 个数据行都没有可学习的词元，运行会拒绝它们。最可能的原因：%2。%3</translation>
    </message>
    <message>
        <source>None of the %1 rows to evaluate on has a token to learn, and a run would refuse them. Most likely: %2. %3</source>
        <translation>用于评估的 %1 个数据行都没有可学习的词元，运行会拒绝它们。最可能的原因：%2。%3</translation>
    </message>
    <message numerus="yes">
        <source>Rows to train on that lost every label: %n, %1. %2</source>
        <translation>
            <numerusform>用于训练的数据行中失去全部标签的：%n，%1。%2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Rows to evaluate on that lost every label: %n, %1. %2</source>
        <translation>
            <numerusform>用于评估的数据行中失去全部标签的：%n，%1。%2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Exact duplicates of an earlier row: %n. They are left out (drop_duplicates).</source>
        <translation>
            <numerusform>与前面某行完全重复：%n 行，已去掉（drop_duplicates）。</numerusform>
        </translation>
    </message>
    <message>
        <source>Waits for the data&apos;s columns</source>
        <translation>等待选定数据的列</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LengthHistogram</name>
    <message>
        <source>Lengths of the rows</source>
        <translation>数据行的长度</translation>
    </message>
    <message>
        <source>How many rows have how many tokens. Drag the line, or move it by the arrow keys: what lies behind it is cut away, and the counts follow. L switches to logarithmic lengths.</source>
        <translation>各词元数对应的行数。拖动竖线或用方向键移动它：线后的内容会被截去，统计随之更新。L 切换对数长度。</translation>
    </message>
    <message>
        <source>The lengths of the rows stand here once they are read.</source>
        <translation>读取数据行后，这里会显示它们的长度。</translation>
    </message>
    <message>
        <source>There are no rows.</source>
        <translation>没有数据行。</translation>
    </message>
    <message numerus="yes">
        <source>rows: %n</source>
        <translation>
            <numerusform>%n 行</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 tokens: %2</source>
        <translation>%1 个词元：%2</translation>
    </message>
    <message>
        <source>%1 to %2 tokens: %3</source>
        <translation>%1 至 %2 个词元：%3</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>词元数</translation>
    </message>
    <message>
        <source>max_length %1, further right</source>
        <translation>max_length %1，在右侧更远处</translation>
    </message>
    <message>
        <source>max_length %1</source>
        <translation>max_length %1</translation>
    </message>
    <message>
        <source>&amp;Logarithmic lengths</source>
        <translation>对数长度(&amp;L)</translation>
    </message>
    <message>
        <source>From, tokens</source>
        <translation>起（词元）</translation>
    </message>
    <message>
        <source>To, tokens</source>
        <translation>止（词元）</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>行数</translation>
    </message>
    <message>
        <source>%1 rows of %2 to %3 tokens; max_length is %4, and %5 rows are longer</source>
        <translation>%1 行，长 %2 至 %3 个词元；max_length 为 %4，有 %5 行超长</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LensCells</name>
    <message>
        <source>mean entropy, nats</source>
        <translation>平均熵（nat）</translation>
    </message>
    <message>
        <source>Layers until the answer stands: lower is earlier</source>
        <translation>输出确定于第几层：越低表示越早确定</translation>
    </message>
    <message>
        <source>The following token&apos;s probability at the last layer, along all positions; the frame is what is seen above. Click or drag to move it.</source>
        <translation>后一个词元在最后一层的概率，沿所有位置显示；方框为上方所见的范围。单击或拖动可移动它。</translation>
    </message>
    <message>
        <source>answer</source>
        <translation>最终输出</translation>
    </message>
    <message>
        <source>embedding</source>
        <translation>嵌入</translation>
    </message>
    <message>
        <source>layer %1</source>
        <translation>第 %1 层</translation>
    </message>
    <message>
        <source>0 %</source>
        <translation>0%</translation>
    </message>
    <message>
        <source>100 %</source>
        <translation>100%</translation>
    </message>
    <message>
        <source>0</source>
        <translation>0</translation>
    </message>
    <message>
        <source>entropy, nats</source>
        <translation>熵（nat）</translation>
    </message>
    <message>
        <source>ln V = %1</source>
        <translation>ln V = %1</translation>
    </message>
    <message>
        <source>KL, nats</source>
        <translation>KL（nat）</translation>
    </message>
    <message>
        <source>%1 points</source>
        <translation>%1 个百分点</translation>
    </message>
    <message>
        <source>no change</source>
        <translation>无变化</translation>
    </message>
    <message>
        <source>Each cell: what the layer would say next. Outlined: what does follow.</source>
        <translation>每格：该层预测的下一个词元。带框：实际的后一个词元。</translation>
    </message>
    <message>
        <source>Outlined: the token that follows.</source>
        <translation>带框：后一个词元。</translation>
    </message>
    <message>
        <source>Outlined: it follows</source>
        <translation>带框：后一个</translation>
    </message>
    <message>
        <source>Each cell: what the layer would say next. Outlined: the token that does follow. Bars: solid this model, hollow the other.</source>
        <translation>每格：该层预测的下一个词元。带框：实际的后一个词元。条形：实心为当前模型，空心为另一模型。</translation>
    </message>
    <message>
        <source>%1, after “%2” at position %3</source>
        <translation>%1，位置 %3 的“%2”之后</translation>
    </message>
    <message>
        <source>%1 says “%2” with %3</source>
        <translation>%1 预测“%2”，概率 %3</translation>
    </message>
    <message>
        <source>   “%1” follows: %2, rank %3</source>
        <translation>   后一个是“%1”：%2，名次 %3</translation>
    </message>
    <message>
        <source>   entropy %1 nats, KL from its answer %2 nats</source>
        <translation>   熵 %1&#xa0;nat，与其最终输出的 KL 为 %2&#xa0;nat</translation>
    </message>
    <message>
        <source>tuned</source>
        <translation>微调后</translation>
    </message>
    <message>
        <source>base</source>
        <translation>基座</translation>
    </message>
    <message>
        <source>KL(tuned || base) %1 nats</source>
        <translation>KL（微调后 || 基座） %1&#xa0;nat</translation>
    </message>
    <message>
        <source>the model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>position</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>likeliest id</source>
        <translation>最可能的 id</translation>
    </message>
    <message>
        <source>likeliest token</source>
        <translation>最可能的词元</translation>
    </message>
    <message>
        <source>probability</source>
        <translation>概率</translation>
    </message>
    <message>
        <source>entropy</source>
        <translation>熵</translation>
    </message>
    <message>
        <source>KL from the answer</source>
        <translation>与输出的 KL</translation>
    </message>
    <message>
        <source>following token&apos;s probability</source>
        <translation>后续词元的概率</translation>
    </message>
    <message>
        <source>its rank</source>
        <translation>其名次</translation>
    </message>
    <message>
        <source>KL(tuned || base)</source>
        <translation>KL（微调后 || 基座）</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LensView</name>
    <message>
        <source>Logit lens</source>
        <translation>logit 透镜</translation>
    </message>
    <message>
        <source>What every layer would say next, if the model ended there: where an answer is made, and what the tuning changed on the way.</source>
        <translation>假如模型在每一层就此结束，它接下来会说什么：输出在哪里形成，微调又在途中改变了什么。</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>What the model reads: the selected sequence, or a text of yours, as it stands or as a question through the model&apos;s chat template.</source>
        <translation>模型读取的内容：所选序列，或你自己的文本；文本可按原样输入，也可作为问题套用模型的对话模板。</translation>
    </message>
    <message>
        <source>the selected sequence</source>
        <translation>所选序列</translation>
    </message>
    <message>
        <source>this text</source>
        <translation>这段文本</translation>
    </message>
    <message>
        <source>this question</source>
        <translation>这个问题</translation>
    </message>
    <message>
        <source>&amp;Look at</source>
        <translation>查看(&amp;L)</translation>
    </message>
    <message>
        <source>Text to look at</source>
        <translation>要查看的文本</translation>
    </message>
    <message>
        <source>The model reads this. Return looks at it through the layers.</source>
        <translation>模型读取这段文本。按回车键逐层查看。</translation>
    </message>
    <message>
        <source>Once upon a time</source>
        <translation>很久很久以前</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>The model as the run has tuned it, as it was before, or both, so that it is seen in which layers they part.</source>
        <translation>运行微调后的模型、微调前的模型，或两者并列，以看出它们在哪些层分道扬镳。</translation>
    </message>
    <message>
        <source>tuned</source>
        <translation>微调后</translation>
    </message>
    <message>
        <source>base</source>
        <translation>基座</translation>
    </message>
    <message>
        <source>tuned against base</source>
        <translation>微调后对比基座</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>Tokens at most</source>
        <translation>词元数上限</translation>
    </message>
    <message>
        <source>Every token costs the head once a layer. What comes later in the text changes nothing before it.</source>
        <translation>每个词元在每一层都要计算一次输出头。后面的文本不会改变前面的结果。</translation>
    </message>
    <message>
        <source> tokens</source>
        <translation> 词元</translation>
    </message>
    <message>
        <source>f&amp;irst</source>
        <translation>前(&amp;I)</translation>
    </message>
    <message>
        <source>Look &amp;through the layers</source>
        <translation>逐层查看(&amp;T)</translation>
    </message>
    <message>
        <source>Look through the layers</source>
        <translation>逐层查看</translation>
    </message>
    <message>
        <source>Runs the model once and reads every layer through its final norm and head. It is loaded beside a training run, which takes its memory a second time.</source>
        <translation>运行一次模型，让每一层都经过其最终归一化和输出头。若训练正在进行，模型会另外加载一份，再占一份同样大小的内存。</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>颜色</translation>
    </message>
    <message>
        <source>What the colour of a cell says. KL is how many nats a distribution differs from another.</source>
        <translation>单元格颜色的含义。KL 表示一个分布与另一个分布相差多少 nat。</translation>
    </message>
    <message>
        <source>probability of its likeliest token</source>
        <translation>首位词元的概率</translation>
    </message>
    <message>
        <source>probability of the token that follows</source>
        <translation>后续词元的概率</translation>
    </message>
    <message>
        <source>entropy</source>
        <translation>熵</translation>
    </message>
    <message>
        <source>KL from the model&apos;s answer</source>
        <translation>与模型输出的 KL</translation>
    </message>
    <message>
        <source>KL of tuned from base</source>
        <translation>微调后相对基座的 KL</translation>
    </message>
    <message>
        <source>change of what follows, tuned − base</source>
        <translation>后续词元的变化，微调后 − 基座</translation>
    </message>
    <message>
        <source>&amp;Colour</source>
        <translation>颜色(&amp;C)</translation>
    </message>
    <message>
        <source>logit-lens</source>
        <translation>logit-lens</translation>
    </message>
    <message>
        <source>Positions across, layers down, the model&apos;s answer on top. Arrow keys move the cell, F fits everything.</source>
        <translation>横向为位置，纵向为层，最上方是模型的输出。方向键移动单元格，F 适应全部内容。</translation>
    </message>
    <message>
        <source>Layers of the model</source>
        <translation>模型的各层</translation>
    </message>
    <message>
        <source>Layers of the base model</source>
        <translation>基座模型的各层</translation>
    </message>
    <message>
        <source>Base</source>
        <translation>基座</translation>
    </message>
    <message>
        <source>Likeliest tokens of the selected cell</source>
        <translation>所选单元格中概率最高的词元</translation>
    </message>
    <message>
        <source>What this layer holds likeliest at this position, in the tuned and in the base model.</source>
        <translation>该层在此位置认为概率最高的词元，微调后模型与基座模型各列一份。</translation>
    </message>
    <message>
        <source>Every layer&apos;s state goes through the model&apos;s own final norm and head here: what it would say if it were the last. “Look through the layers” runs the model once on the selected sequence, or on a text of yours.</source>
        <translation>这里让每一层的状态经过模型自己的最终归一化和输出头：假如它是最后一层，会说什么。“逐层查看”会在所选序列或你自己的文本上运行一次模型。</translation>
    </message>
    <message>
        <source>The run has saved nothing yet. It saves when it ends or is stopped.</source>
        <translation>该运行尚未保存任何内容。运行结束或被停止时才会保存。</translation>
    </message>
    <message>
        <source>Your text</source>
        <translation>你的文本</translation>
    </message>
    <message>
        <source>Sequence %1 of step %2</source>
        <translation>第 %2 步的序列 %1</translation>
    </message>
    <message>
        <source>%1: the first %2 of its %3 tokens.</source>
        <translation>%1：共 %3 个词元，显示前 %2 个。</translation>
    </message>
    <message>
        <source>%1: all of its %2 tokens.</source>
        <translation>%1：全部 %2 个词元。</translation>
    </message>
    <message>
        <source>Tuned</source>
        <translation>微调后</translation>
    </message>
    <message>
        <source>Layer %1 of %2, after “%3” at position %4</source>
        <translation>第 %1 层，共 %2 层；位置 %4 的“%3”之后</translation>
    </message>
    <message>
        <source>Probability</source>
        <translation>概率</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>词元</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LessonView</name>
    <message>
        <source>Right, and your choice</source>
        <translation>正确，也是你的选择</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>正确</translation>
    </message>
    <message>
        <source>Your choice, not right</source>
        <translation>你的选择，不正确</translation>
    </message>
    <message>
        <source>Predict</source>
        <translation>预测</translation>
    </message>
    <message>
        <source>Choose what you expect before you look: it is how the result sticks.</source>
        <translation>先选出你的预期，再看结果：这样才记得牢。</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Run the e&amp;xperiment</source>
        <translation>运行实验(&amp;X)</translation>
    </message>
    <message>
        <source>Run the experiment</source>
        <translation>运行实验</translation>
    </message>
    <message>
        <source>Trains and measures the bundled model on this machine, in the background; nothing of yours is touched.</source>
        <translation>在本机后台训练并测量内置模型；不会动你的任何文件。</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>取消(&amp;C)</translation>
    </message>
    <message>
        <source>Cancel the experiment</source>
        <translation>取消实验</translation>
    </message>
    <message>
        <source>Ends it after the step it is at.</source>
        <translation>在当前步完成后结束实验。</translation>
    </message>
    <message>
        <source>How far the experiment is</source>
        <translation>实验进度</translation>
    </message>
    <message>
        <source>Of all its runs and passes.</source>
        <translation>按全部运行和前向过程计。</translation>
    </message>
    <message>
        <source>Reveal</source>
        <translation>揭晓</translation>
    </message>
    <message>
        <source>Loss of the runs</source>
        <translation>各次运行的损失</translation>
    </message>
    <message>
        <source>The loss of every run by steps. Left and right arrow read values; L makes the axis logarithmic.</source>
        <translation>每次运行逐步的损失。左右方向键读取数值；L 切换对数坐标轴。</translation>
    </message>
    <message>
        <source>optimizer step</source>
        <translation>优化器步</translation>
    </message>
    <message>
        <source>loss, nats</source>
        <translation>损失，nat</translation>
    </message>
    <message>
        <source>What was measured</source>
        <translation>测量结果</translation>
    </message>
    <message>
        <source>One row a run or pass of the experiment.</source>
        <translation>实验的每次运行或前向过程各占一行。</translation>
    </message>
    <message>
        <source>To keep: %1</source>
        <translation>要点：%1</translation>
    </message>
    <message>
        <source>&amp;Next lesson</source>
        <translation>下一课(&amp;N)</translation>
    </message>
    <message>
        <source>Next lesson</source>
        <translation>下一课</translation>
    </message>
    <message>
        <source>Goes on to the lesson below in the list.</source>
        <translation>转到列表中的下一课。</translation>
    </message>
    <message>
        <source>Choose what you expect first.</source>
        <translation>请先选出你的预期。</translation>
    </message>
    <message>
        <source>Cancelled: nothing of it is kept.</source>
        <translation>已取消：不保留任何结果。</translation>
    </message>
    <message>
        <source>Run it &amp;again</source>
        <translation>再运行一次(&amp;A)</translation>
    </message>
    <message>
        <source>Run the experiment again</source>
        <translation>再次运行实验</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LessonsPage</name>
    <message>
        <source>Lessons</source>
        <translation>课程</translation>
    </message>
    <message>
        <source>Each is an experiment on the bundled model: predict, run, reveal.</source>
        <translation>每课都是在内置模型上做的一个实验：预测、运行、揭晓。</translation>
    </message>
    <message>
        <source>Seven things that go wrong in fine-tuning, or are taken for wrong. A tick marks those you have done.</source>
        <translation>微调中会出错、或常被误认为出错的七件事。打勾的是已完成的课程。</translation>
    </message>
    <message>
        <source>&amp;Large text</source>
        <translation>大字(&amp;L)</translation>
    </message>
    <message>
        <source>Large text</source>
        <translation>大字</translation>
    </message>
    <message>
        <source>For a projector: the lesson&apos;s text at %1 times its size.</source>
        <translation>供投影使用：课程文字放大到 %1 倍。</translation>
    </message>
    <message>
        <source>%1. %2
%3 min</source>
        <translation>%1. %2
%3 分钟</translation>
    </message>
    <message>
        <source>Another lesson&apos;s experiment is going on.</source>
        <translation>另一课的实验正在进行。</translation>
    </message>
    <message>
        <source>A run is going on: stop or finish it first, so that both have the machine to themselves.</source>
        <translation>有运行正在进行：请先停止它或等它结束，让两者都能独占本机。</translation>
    </message>
    <message>
        <source>done</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>not done yet</source>
        <translation>未完成</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LogitCells</name>
    <message>
        <source>Entropy, nats: how undecided it is</source>
        <translation>熵，nat：表示犹豫程度</translation>
    </message>
    <message>
        <source>Probability of the true token</source>
        <translation>真实词元的概率</translation>
    </message>
    <message>
        <source>The true token&apos;s probability along the whole row; the frame is what is seen above. Click or drag to move it.</source>
        <translation>整行中真实词元的概率；方框是上方所见的范围。点击或拖动可移动方框。</translation>
    </message>
    <message>
        <source>0 %</source>
        <translation>0%</translation>
    </message>
    <message>
        <source>100 %</source>
        <translation>100%</translation>
    </message>
    <message>
        <source>logit</source>
        <translation>logit</translation>
    </message>
    <message>
        <source>rank</source>
        <translation>名次</translation>
    </message>
    <message>
        <source>1</source>
        <translation>1</translation>
    </message>
    <message>
        <source>%1 points</source>
        <translation>%1 个百分点</translation>
    </message>
    <message>
        <source>no change</source>
        <translation>无变化</translation>
    </message>
    <message>
        <source>Probability in %1 minus that in %2. Outlined: the true token; hatched: unknown.</source>
        <translation>%1的概率减去%2的概率。描边：真实词元；斜线：未知。</translation>
    </message>
    <message>
        <source>%1 minus %2. Outlined: the true token.</source>
        <translation>%1减去%2。描边：真实词元。</translation>
    </message>
    <message>
        <source>Outlined: true token.</source>
        <translation>描边：真实词元。</translation>
    </message>
    <message>
        <source>Each row is one token of your list, each figure its value there. Outlined: the true token.</source>
        <translation>每行是你列表中的一个词元，数字是它在该处的值。描边：真实词元。</translation>
    </message>
    <message>
        <source>Rows: your tokens. Outlined: the true one.</source>
        <translation>行：你的词元。描边：真实词元。</translation>
    </message>
    <message>
        <source>Likeliest next token on top. Outlined: the true one; ▾ further down than the first %1; hatched: none.</source>
        <translation>概率最高的下一词元在最上方。描边：真实词元；▾ 排在前 %1 之外；斜线：无真实词元。</translation>
    </message>
    <message>
        <source>Outlined: the true token; ▾ further down than the first %1; hatched: none.</source>
        <translation>描边：真实词元；▾ 排在前 %1 之外；斜线：无真实词元。</translation>
    </message>
    <message>
        <source>Outlined: true token; ▾ beyond the first %1.</source>
        <translation>描边：真实词元；▾ 前 %1 之外。</translation>
    </message>
    <message>
        <source>▾ beyond %1</source>
        <translation>▾ 前 %1 之外</translation>
    </message>
    <message>
        <source>“%1”  id %2</source>
        <translation>“%1”  id %2</translation>
    </message>
    <message>
        <source>probability %1, logit %2, rank %3</source>
        <translation>概率 %1，logit %2，名次 %3</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>change %1 points of probability</source>
        <translation>概率变化 %1 个百分点</translation>
    </message>
    <message>
        <source>after “%1” at position %2</source>
        <translation>位置 %2 的“%1”之后</translation>
    </message>
    <message>
        <source>true: “%1”, rank %2, probability %3</source>
        <translation>真实：“%1”，名次 %2，概率 %3</translation>
    </message>
    <message>
        <source>no true token here: masked, or the row&apos;s end</source>
        <translation>此处没有真实词元：已掩码，或位于行尾</translation>
    </message>
    <message>
        <source>entropy %1 nats</source>
        <translation>熵 %1&#xa0;nat</translation>
    </message>
    <message>
        <source>position</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>id</source>
        <translation>id</translation>
    </message>
    <message>
        <source>token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>probability</source>
        <translation>概率</translation>
    </message>
    <message>
        <source>is the true one</source>
        <translation>是否真实词元</translation>
    </message>
    <message>
        <source>true rank</source>
        <translation>真实词元名次</translation>
    </message>
    <message>
        <source>true probability</source>
        <translation>真实词元概率</translation>
    </message>
    <message>
        <source>entropy</source>
        <translation>熵</translation>
    </message>
    <message>
        <source>other probability</source>
        <translation>对比方概率</translation>
    </message>
    <message>
        <source>other logit</source>
        <translation>对比方 logit</translation>
    </message>
    <message>
        <source>other rank</source>
        <translation>对比方名次</translation>
    </message>
    <message>
        <source>probability change</source>
        <translation>概率变化</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>是</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LogitSignalPlot</name>
    <message>
        <source>Logit statistics by step</source>
        <translation>各步的 logit 统计</translation>
    </message>
    <message>
        <source>logits at labelled positions</source>
        <translation>有标签位置的 logit</translation>
    </message>
    <message>
        <source>mean, within the spread</source>
        <translation>均值及其离散范围</translation>
    </message>
    <message>
        <source>least and greatest</source>
        <translation>最小与最大</translation>
    </message>
    <message>
        <source>× not finite</source>
        <translation>× 非有限值</translation>
    </message>
    <message>
        <source>share of positions</source>
        <translation>位置占比</translation>
    </message>
    <message>
        <source>most frequent answer (arg-max)</source>
        <translation>最常见输出（arg-max）</translation>
    </message>
    <message>
        <source>most frequent target, dashed</source>
        <translation>最常见目标，虚线</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>第 %1 步</translation>
    </message>
    <message>
        <source>steps %1 to %2</source>
        <translation>第 %1 至 %2 步</translation>
    </message>
    <message>
        <source>mean %1, spread %2</source>
        <translation>均值 %1，离散度 %2</translation>
    </message>
    <message>
        <source>from %1 to %2</source>
        <translation>从 %1 到 %2</translation>
    </message>
    <message>
        <source>%1 logits are NaN or infinite</source>
        <translation>%1 个 logit 为 NaN 或无穷</translation>
    </message>
    <message>
        <source>one answer at %1 of the positions, one target at %2</source>
        <translation>%1 的位置输出同一词元，%2 的位置目标为同一词元</translation>
    </message>
    <message>
        <source>first step</source>
        <translation>第一步</translation>
    </message>
    <message>
        <source>last step</source>
        <translation>最后一步</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>均值</translation>
    </message>
    <message>
        <source>spread</source>
        <translation>离散度</translation>
    </message>
    <message>
        <source>least</source>
        <translation>最小值</translation>
    </message>
    <message>
        <source>greatest</source>
        <translation>最大值</translation>
    </message>
    <message>
        <source>not finite</source>
        <translation>非有限值</translation>
    </message>
    <message>
        <source>share of the top arg-max</source>
        <translation>最常见 arg-max 的占比</translation>
    </message>
    <message>
        <source>share of the top target</source>
        <translation>最常见目标的占比</translation>
    </message>
    <message>
        <source>logit-statistics</source>
        <translation>logit-statistics</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LogitsControls</name>
    <message>
        <source>Whose logits</source>
        <translation>logit 来源</translation>
    </message>
    <message>
        <source>Logits that the training kept at a step, or what the model says now when it is asked again: as it is tuned, as it was before, or the one against the other.</source>
        <translation>训练在某一步保留的 logit，或现在重新询问模型得到的 logit：微调后的、微调前的，或两者对比。</translation>
    </message>
    <message>
        <source>kept while training</source>
        <translation>训练时保留</translation>
    </message>
    <message>
        <source>the tuned model, asked now</source>
        <translation>微调后模型，现在询问</translation>
    </message>
    <message>
        <source>the base model, asked now</source>
        <translation>基座模型，现在询问</translation>
    </message>
    <message>
        <source>tuned against base, asked now</source>
        <translation>微调后对比基座，现在询问</translation>
    </message>
    <message>
        <source>&amp;Logits</source>
        <translation>logit(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;at step</source>
        <translation>捕获步(&amp;A)</translation>
    </message>
    <message>
        <source>The captured step before</source>
        <translation>上一个捕获步</translation>
    </message>
    <message>
        <source>The captured step before this one. In the picture: comma.</source>
        <translation>当前捕获步之前的一个。在图中按逗号键。</translation>
    </message>
    <message>
        <source>Captured step</source>
        <translation>捕获步</translation>
    </message>
    <message>
        <source>Goes through the steps whose logits were kept. Each selects its step and sequence everywhere.</source>
        <translation>在保留了 logit 的各步之间移动。每移到一步，各处都会选中该步及其序列。</translation>
    </message>
    <message>
        <source>The captured step after</source>
        <translation>下一个捕获步</translation>
    </message>
    <message>
        <source>The captured step after this one. In the picture: full stop.</source>
        <translation>当前捕获步之后的一个。在图中按句号键。</translation>
    </message>
    <message>
        <source>Compared with</source>
        <translation>对比对象</translation>
    </message>
    <message>
        <source>a&amp;gainst</source>
        <translation>对比(&amp;G)</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>行</translation>
    </message>
    <message>
        <source>Down the picture: the likeliest tokens of each position, or tokens of your choice, the same at every position.</source>
        <translation>图的纵向：每个位置概率最高的词元，或你指定的词元，后者在每个位置都相同。</translation>
    </message>
    <message>
        <source>the likeliest</source>
        <translation>概率最高的</translation>
    </message>
    <message>
        <source>the tokens</source>
        <translation>指定词元</translation>
    </message>
    <message>
        <source>Ro&amp;ws</source>
        <translation>行(&amp;W)</translation>
    </message>
    <message>
        <source>How many of the likeliest tokens</source>
        <translation>概率最高的词元个数</translation>
    </message>
    <message>
        <source>Tokens of each position that are shown, likeliest on top, up to 256. The picture scrolls.</source>
        <translation>每个位置显示的词元个数，概率最高的在最上方，最多 256 个。图可滚动。</translation>
    </message>
    <message>
        <source>Tokens to show</source>
        <translation>要显示的词元</translation>
    </message>
    <message>
        <source>Tokens or their ids, separated by blanks. Type and choose from the vocabulary; put a token that looks like an id in double quotes.</source>
        <translation>词元或其 id，以空格分隔。输入后从词表中选择；看起来像 id 的词元请加英文双引号。</translation>
    </message>
    <message>
        <source>tokens or ids: yes no 42</source>
        <translation>词元或 id：yes no 42</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>颜色</translation>
    </message>
    <message>
        <source>What the colour of a cell says. Change is the probability minus that of the other side, in points.</source>
        <translation>单元格颜色的含义。“变化”是该概率减去对比方的概率，以百分点计。</translation>
    </message>
    <message>
        <source>probability</source>
        <translation>概率</translation>
    </message>
    <message>
        <source>logit</source>
        <translation>logit</translation>
    </message>
    <message>
        <source>rank</source>
        <translation>名次</translation>
    </message>
    <message>
        <source>change</source>
        <translation>变化</translation>
    </message>
    <message>
        <source>&amp;Colour</source>
        <translation>颜色(&amp;C)</translation>
    </message>
    <message>
        <source>%1, sequence %2 (%3 of %4)</source>
        <translation>第 %1 步，序列 %2（%3/%4）</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>第 %1 步</translation>
    </message>
    <message>
        <source>Another step at which the same data row was captured: what the training between the two changed.</source>
        <translation>捕获了同一数据行的另一步：显示两步之间的训练改变了什么。</translation>
    </message>
    <message>
        <source>No other captured step has this data row, as training shuffles the rows. Its later captures stand here when it comes up again.</source>
        <translation>没有其他捕获步含有该数据行，因为训练会打乱各行。等它再次出现并被捕获后，会列在这里。</translation>
    </message>
    <message>
        <source>The run has saved nothing yet. It saves when it ends or is stopped.</source>
        <translation>该运行尚未保存任何内容。运行结束或被停止时才会保存。</translation>
    </message>
    <message>
        <source>not in the vocabulary: %1</source>
        <translation>不在词表中：%1</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LogitsSwitch</name>
    <message>
        <source>Return logits</source>
        <translation>返回 logits</translation>
    </message>
    <message>
        <source>Keeps the model&apos;s scores for every token of the vocabulary (return_logits) at some positions, to be seen as a heat map. The loss is the same to the bit with and without; it costs what the line below says.</source>
        <translation>保留模型在部分位置对词表中每个词元的打分（return_logits），以热力图显示。无论开关，损失逐位相同；代价见下面一行。</translation>
    </message>
    <message>
        <source> steps</source>
        <translation> 步</translation>
    </message>
    <message>
        <source>Capture every so many steps</source>
        <translation>捕获间隔步数</translation>
    </message>
    <message>
        <source>Steps between two captures. The other steps cost nothing.</source>
        <translation>两次捕获之间的步数。其他步没有任何代价。</translation>
    </message>
    <message>
        <source>Sequences of the step to capture</source>
        <translation>要捕获的步内序列</translation>
    </message>
    <message>
        <source>Which sequences of the step, counted from 0, with commas between: 0, 3, 7. Each costs the same.</source>
        <translation>捕获该步的哪些序列，从 0 数起，以逗号分隔：0, 3, 7。每个序列的代价相同。</translation>
    </message>
    <message>
        <source>all tokens</source>
        <translation>全部词元</translation>
    </message>
    <message>
        <source> tokens</source>
        <translation> 词元</translation>
    </message>
    <message>
        <source>Last tokens of a sequence to keep</source>
        <translation>保留序列末尾的词元数</translation>
    </message>
    <message>
        <source>Only the last so many real tokens get logits (logits_to_keep): the hidden states are cut before the head, so the others are never computed.</source>
        <translation>只有末尾这么多个真实词元有 logit（logits_to_keep）：隐藏状态在进入输出头之前就被截取，因此其余的根本不会计算。</translation>
    </message>
    <message>
        <source>Ever&amp;y</source>
        <translation>间隔(&amp;Y)</translation>
    </message>
    <message>
        <source>Se&amp;quences</source>
        <translation>序列(&amp;Q)</translation>
    </message>
    <message>
        <source>Las&amp;t</source>
        <translation>末尾(&amp;T)</translation>
    </message>
    <message>
        <source>What it will cost is known once a step has been measured.</source>
        <translation>测量过一步之后才能知道代价。</translation>
    </message>
    <message>
        <source>%1 a capture, +%2 of a step, every %3 steps; steps wait where the disk takes less than %4 a second</source>
        <translation>每次捕获 %1，该步耗时 +%2，每 %3 步一次；磁盘写入低于每秒 %4 时，训练步会等待</translation>
    </message>
    <message>
        <source>%1 a capture, every %2 steps; its time is known once a step has been measured</source>
        <translation>每次捕获 %1，每 %2 步一次；测量过一步之后才能知道耗时</translation>
    </message>
    <message>
        <source>Measured: %1 a capture, +%2 of a step.</source>
        <translation>实测：每次捕获 %1，该步耗时 +%2。</translation>
    </message>
    <message>
        <source>Measured with the next capture.</source>
        <translation>将在下次捕获时实测。</translation>
    </message>
    <message>
        <source>If turned on: %1</source>
        <translation>若打开：%1</translation>
    </message>
    <message>
        <source>The run file lists positions %1; a number of last tokens replaces them.</source>
        <translation>运行配置文件列出了位置 %1；设置末尾词元数会取代它们。</translation>
    </message>
    <message>
        <source>Predicted: %1</source>
        <translation>预计：%1</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LogitsView</name>
    <message>
        <source>Logits</source>
        <translation>logit</translation>
    </message>
    <message>
        <source>What the model held likely at every position of a row, and what each token cost it.</source>
        <translation>模型在一行的每个位置认为哪些词元可能，以及每个词元让它付出多少损失。</translation>
    </message>
    <message>
        <source>Tokens of the selected sequence</source>
        <translation>所选序列的词元</translation>
    </message>
    <message>
        <source>Each token coloured by what it cost the model. Arrow keys move the selection.</source>
        <translation>每个词元按它给模型带来的损失着色。方向键移动选择。</translation>
    </message>
    <message>
        <source>logits</source>
        <translation>logits</translation>
    </message>
    <message>
        <source>Logits of the row</source>
        <translation>该行的 logit</translation>
    </message>
    <message>
        <source>Positions across, tokens down. A column predicts the next token; the true one is outlined. Arrow keys move the cell, comma and full stop the captured step, F fits everything.</source>
        <translation>横向为位置，纵向为词元。每列预测下一词元，真实词元描边。方向键移动单元格，逗号和句号键切换捕获步，F 适应全部内容。</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>The selected token, and what is captured.</source>
        <translation>所选词元，以及捕获的内容。</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Return logits</source>
        <translation>返回 logits</translation>
    </message>
    <message>
        <source>The tokens of the selected sequence stand here, coloured by their loss.</source>
        <translation>所选序列的词元显示在这里，按损失着色。</translation>
    </message>
    <message>
        <source>The tokens of this sequence were not recorded.</source>
        <translation>没有记录这个序列的词元。</translation>
    </message>
    <message>
        <source>none yet</source>
        <translation>尚无</translation>
    </message>
    <message>
        <source>none up to step %1</source>
        <translation>到第 %1 步为止尚无</translation>
    </message>
    <message>
        <source>No logits were captured yet. “Return logits” in the details keeps those of a row every few steps, at a price it tells before.</source>
        <translation>尚未捕获任何 logit。“详情”中的“返回 logits”可每隔若干步保留一行的 logit，并事先给出代价。</translation>
    </message>
    <message>
        <source>No logits were captured up to this step. The first are those of step %1.</source>
        <translation>到这一步为止尚未捕获 logit。最早的捕获在第 %1 步。</translation>
    </message>
    <message>
        <source>The tokens of this sequence were not recorded: there is nothing to ask the model about.</source>
        <translation>未记录该序列的词元：无法就此询问模型。</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>第 %1 步</translation>
    </message>
    <message>
        <source>the tuned model</source>
        <translation>微调后模型</translation>
    </message>
    <message>
        <source>the base model</source>
        <translation>基座模型</translation>
    </message>
    <message>
        <source>What the model says now about sequence %1 of step %2.</source>
        <translation>模型现在对第 %2 步的序列 %1 给出的预测。</translation>
    </message>
    <message>
        <source>Logits of sequence %1 of step %2.</source>
        <translation>第 %2 步的序列 %1 的 logit。</translation>
    </message>
    <message>
        <source>Logits of sequence %1 of step %2. The tokens above are another sequence&apos;s: click a column to see these.</source>
        <translation>第 %2 步的序列 %1 的 logit。上方的词元属于另一序列：点击某一列即可查看本序列的词元。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LoraDiagram</name>
    <message>
        <source>One layer of the model and what training touches of it</source>
        <translation>模型的一层，以及训练改动其中的哪些部分</translation>
    </message>
    <message>
        <source>layer&apos;s
input</source>
        <translation>层的
输入</translation>
    </message>
    <message>
        <source>after
attention</source>
        <translation>注意力
之后</translation>
    </message>
    <message>
        <source>attention,
heads: %1</source>
        <translation>注意力，
头数：%1</translation>
    </message>
    <message>
        <source>gate × up</source>
        <translation>gate × up</translation>
    </message>
    <message>
        <source>+</source>
        <translation>+</translation>
    </message>
    <message>
        <source>change lora.target_modules</source>
        <translation>更改 lora.target_modules</translation>
    </message>
    <message>
        <source>lora</source>
        <translation>lora</translation>
    </message>
    <message>
        <source>trained</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>frozen</source>
        <translation>冻结</translation>
    </message>
    <message>
        <source>projection</source>
        <translation>投影</translation>
    </message>
    <message>
        <source>block</source>
        <translation>模块</translation>
    </message>
    <message>
        <source>in</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>out</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>parameters trained</source>
        <translation>训练的参数</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>是</translation>
    </message>
    <message>
        <source>no</source>
        <translation>否</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LossCanvas</name>
    <message>
        <source>per sequence</source>
        <translation>每序列</translation>
    </message>
    <message>
        <source>blind guess over %1 tokens: ln V = %2</source>
        <translation>在 %1 个词元上盲猜：ln V = %2</translation>
    </message>
    <message>
        <source>smoothed %1</source>
        <translation>平滑 %1</translation>
    </message>
    <message>
        <source>per token</source>
        <translation>每词元</translation>
    </message>
    <message>
        <source>The loss stands here from the first step on, counted both ways from one forward.</source>
        <translation>从第一步起在此显示损失，一次前向过程按两种方式统计。</translation>
    </message>
    <message>
        <source>held-out rows</source>
        <translation>留出行</translation>
    </message>
    <message>
        <source>loss, nats, logarithmic</source>
        <translation>损失，nat，对数</translation>
    </message>
    <message>
        <source>per token %1</source>
        <translation>每词元 %1</translation>
    </message>
    <message>
        <source>per sequence %1</source>
        <translation>每序列 %1</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>第 %1 步</translation>
    </message>
    <message>
        <source>%1, smoothed %2</source>
        <translation>%1，平滑 %2</translation>
    </message>
    <message>
        <source>per token %1 nats</source>
        <translation>每词元 %1&#xa0;nat</translation>
    </message>
    <message>
        <source>per sequence %1 nats</source>
        <translation>每序列 %1&#xa0;nat</translation>
    </message>
    <message>
        <source>gap %1</source>
        <translation>差距 %1</translation>
    </message>
    <message>
        <source>held out, per token %1</source>
        <translation>留出，每词元 %1</translation>
    </message>
    <message>
        <source>held out, per sequence %1</source>
        <translation>留出，每序列 %1</translation>
    </message>
    <message>
        <source>learning rate %1</source>
        <translation>学习率 %1</translation>
    </message>
    <message>
        <source>gradient norm %1</source>
        <translation>梯度范数 %1</translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation>%1 词元/秒</translation>
    </message>
    <message>
        <source>peak memory %1</source>
        <translation>峰值内存 %1</translation>
    </message>
    <message>
        <source>%1; thin: every step, bold: smoothed over about %2 steps</source>
        <translation>%1；细线：每一步，粗线：在约 %2 步上平滑</translation>
    </message>
</context>
<context>
    <name>vernier::ui::LossPlot</name>
    <message>
        <source>Loss per token and per sequence</source>
        <translation>每词元损失与每序列损失</translation>
    </message>
    <message>
        <source>Both losses come from one forward. Per token, every token weighs the same (num_items_in_batch); per sequence, every row does, so short rows weigh more. Where they part, short and long rows learn differently.</source>
        <translation>两种损失来自同一次前向过程。每词元：所有词元权重相同（num_items_in_batch）；每序列：所有行权重相同，因此短行的分量更重。两者分开时，说明短行与长行的学习情况不同。</translation>
    </message>
    <message>
        <source>No step yet</source>
        <translation>尚无训练步</translation>
    </message>
    <message>
        <source>%1 steps. The last: %2</source>
        <translation>共 %1 步。最后一步：%2</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Save numbers as CS&amp;V…</source>
        <translation>数值另存为 CSV(&amp;V)…</translation>
    </message>
    <message>
        <source>Show as &amp;table</source>
        <translation>显示为表格(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Logarithmic loss</source>
        <translation>对数损失(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Smooth</source>
        <translation>平滑(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Reset zoom</source>
        <translation>重置缩放(&amp;R)</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>loss per token</source>
        <translation>每词元损失</translation>
    </message>
    <message>
        <source>loss per sequence</source>
        <translation>每序列损失</translation>
    </message>
    <message>
        <source>learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>gradient norm</source>
        <translation>梯度范数</translation>
    </message>
    <message>
        <source>tokens/s</source>
        <translation>词元/秒</translation>
    </message>
    <message>
        <source>peak memory, GB</source>
        <translation>峰值内存，GB</translation>
    </message>
    <message>
        <source>Loss by step</source>
        <translation>各步的损失</translation>
    </message>
</context>
<context>
    <name>vernier::ui::MainWindow</name>
    <message>
        <source>Vernier</source>
        <translation>Vernier</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Recent runs</source>
        <translation>最近的运行(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>运行(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Views of the Inspect page</source>
        <translation>检视页面的视图(&amp;V)</translation>
    </message>
    <message>
        <source>Lan&amp;guage</source>
        <translation>语言 Language(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>Open a run folder</source>
        <translation>打开运行文件夹</translation>
    </message>
    <message>
        <source>No run yet</source>
        <translation>还没有运行</translation>
    </message>
    <message>
        <source>Vernier %1 trains language models on the machine it runs on, and shows what the training really does, token by token. GPL-3.0-or-later. Built on Qt %2 and QCustomPlot.</source>
        <translation>Vernier %1 在本机上训练语言模型，并逐词元展示训练中真正发生的事。GPL-3.0-or-later。基于 Qt %2 和 QCustomPlot 构建。</translation>
    </message>
    <message>
        <source>Saving: the run ends after its current step, then this window closes by itself.</source>
        <translation>正在保存：运行将在当前步后结束，随后此窗口自动关闭。</translation>
    </message>
    <message>
        <source>The window speaks the other language from its next start on: what is shown is not translated again.</source>
        <translation>窗口将从下次启动起使用另一种语言：已显示的内容不会重新翻译。</translation>
    </message>
    <message>
        <source>&amp;Switch now</source>
        <translation>立即切换(&amp;S)</translation>
    </message>
    <message>
        <source>%1 – Vernier</source>
        <translation>%1 – Vernier</translation>
    </message>
    <message>
        <source>An export that goes on, or a start that waits, would be lost with this window: let it end, or stop it, and switch then.</source>
        <translation>进行中的导出或等待中的开始会随此窗口丢失：请等它结束或停止它，然后再切换。</translation>
    </message>
    <message>
        <source>An export that goes on, or a start that waits, would be lost with this window. Close it again to let it be lost.</source>
        <translation>正在进行的导出或等待中的启动会随此窗口一起丢失。再次关闭窗口即可放弃它们。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::MaskRibbon</name>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>cut away: %1</source>
        <translation>截去：%1</translation>
    </message>
    <message>
        <source>Tokens of the row</source>
        <translation>该行的词元</translation>
    </message>
    <message>
        <source>The row as the tokenizer cuts it. Filled tokens are learnt, hatched ones only read, framed ones are special tokens; a rest with dashed frames is cut away by max_length.</source>
        <translation>分词器切分后的行。实心的词元参与学习，斜线的只供读取，带框的是特殊词元；末尾虚线框的部分被 max_length 截去。</translation>
    </message>
    <message>
        <source>This row has no tokens at all.</source>
        <translation>该行没有任何词元。</translation>
    </message>
    <message>
        <source>“%1”  id %2</source>
        <translation>“%1”  id %2</translation>
    </message>
    <message>
        <source>position %1</source>
        <translation>位置 %1</translation>
    </message>
    <message>
        <source>special token, spelt %1 in the vocabulary</source>
        <translation>特殊词元，在词表中写作 %1</translation>
    </message>
    <message>
        <source>Cut away: it lies at max_length (%1) or behind.</source>
        <translation>已截去：位于 max_length（%1）处或其后。</translation>
    </message>
    <message>
        <source>Not learnt: it is the first, and nothing before it could predict it.</source>
        <translation>不参与学习：它是第一个词元，前面没有内容可用来预测它。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::MemoryPicture</name>
    <message>
        <source>MLPs are computed again</source>
        <translation>重新计算 MLP</translation>
    </message>
    <message>
        <source>layers are computed again</source>
        <translation>重新计算各层</translation>
    </message>
    <message>
        <source>layers are computed again, their inputs wait in the computer&apos;s memory</source>
        <translation>重新计算各层，其输入存放在主机内存中</translation>
    </message>
    <message>
        <source>nothing is computed again</source>
        <translation>不做重新计算</translation>
    </message>
    <message>
        <source>Memory of the run</source>
        <translation>运行的内存占用</translation>
    </message>
    <message>
        <source>Worked out from the model&apos;s shape and these settings, as the engine lays its memory out. What other programs take of the device is not in it.</source>
        <translation>根据模型结构和这些设置，按引擎实际的内存布局算出。不含其他程序在该设备上的占用。</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>adapter</source>
        <translation>适配器</translation>
    </message>
    <message>
        <source>gradients</source>
        <translation>梯度</translation>
    </message>
    <message>
        <source>optimizer</source>
        <translation>优化器</translation>
    </message>
    <message>
        <source>activations</source>
        <translation>激活</translation>
    </message>
    <message>
        <source>scratch</source>
        <translation>临时缓冲</translation>
    </message>
    <message>
        <source>The memory is worked out as soon as a model is chosen.</source>
        <translation>选定模型后即可算出内存占用。</translation>
    </message>
    <message>
        <source>%1 of the %2 that are free on %3, in %4; %5.</source>
        <translation>需要 %1（%3 可用 %2），%4；%5。</translation>
    </message>
    <message>
        <source>At most %1 of the %2 that are free on %3, in %4; %5.</source>
        <translation>最多需要 %1（%3 可用 %2），%4；%5。</translation>
    </message>
    <message>
        <source>At most %1 of the %2 that are free on %3, and %4 of the computer&apos;s memory, in %5; %6.</source>
        <translation>最多需要 %1（%3 可用 %2），另需 %4 主机内存，%5；%6。</translation>
    </message>
    <message>
        <source>%1 of the %2 that are free on %3, and %4 of the computer&apos;s memory, in %5; %6.</source>
        <translation>需要 %1（%3 可用 %2），另需 %4 主机内存，%5；%6。</translation>
    </message>
    <message>
        <source>%1 free</source>
        <translation>可用 %1</translation>
    </message>
    <message>
        <source>of the computer&apos;s memory</source>
        <translation>占用的主机内存</translation>
    </message>
    <message>
        <source>%1 needed, the line is at the %2 that are free</source>
        <translation>需要 %1，竖线处为可用的 %2</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>all of it</source>
        <translation>合计</translation>
    </message>
    <message>
        <source>free on the device</source>
        <translation>设备可用</translation>
    </message>
    <message>
        <source>what</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>bytes</source>
        <translation>字节</translation>
    </message>
</context>
<context>
    <name>vernier::ui::MessageBar</name>
    <message>
        <source>Note</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>No action</source>
        <translation>无操作</translation>
    </message>
    <message>
        <source>What the message offers to do</source>
        <translation>此消息提供的操作</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Hide this message (Esc).</source>
        <translation>隐藏此消息（Esc）。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ModelCard</name>
    <message>
        <source>heads: %1, each of %2</source>
        <translation>头数：%1，每个 %2 维</translation>
    </message>
    <message>
        <source>query heads: %1, sharing keys and values: %2, each of %3</source>
        <translation>查询头：%1，共享的键值头：%2，每个 %3 维</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 个词元</translation>
    </message>
    <message>
        <source>%1; %2 of %3 layers see the last %4</source>
        <translation>%1；%3 层中有 %2 层只看最近 %4 个</translation>
    </message>
    <message>
        <source>none that can be used</source>
        <translation>没有可用的</translation>
    </message>
    <message>
        <source>%1 of %2, files: %3</source>
        <translation>%1，%2，文件数：%3</translation>
    </message>
    <message>
        <source>none; conversations need a built-in one</source>
        <translation>无；对话需使用内置模板</translation>
    </message>
    <message>
        <source>its own, which marks the assistant&apos;s turns</source>
        <translation>自带，标出了助手的轮次</translation>
    </message>
    <message>
        <source>its own, without marks of the assistant&apos;s turns</source>
        <translation>自带，未标出助手的轮次</translation>
    </message>
    <message>
        <source>%1, %2 tokens</source>
        <translation>%1，%2 个词元</translation>
    </message>
    <message>
        <source>What the model is</source>
        <translation>模型概况</translation>
    </message>
    <message>
        <source>Reading the model&apos;s files…</source>
        <translation>正在读取模型文件…</translation>
    </message>
    <message>
        <source>The model&apos;s figures stand here as soon as one is chosen: its size, how it pays attention, and whether its files are complete. Weights are not read for that.</source>
        <translation>选定模型后，这里显示它的各项数据：规模、注意力结构，以及文件是否完整。为此无需读取权重。</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>系列</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层数</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>宽度</translation>
    </message>
    <message>
        <source>%1, in the MLP %2</source>
        <translation>%1，MLP 内 %2</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>注意力</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>词表</translation>
    </message>
    <message>
        <source>%1 tokens, the head shares the embedding</source>
        <translation>%1 个词元，输出头与嵌入共享权重</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>On the disk</source>
        <translation>磁盘占用</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>分词器</translation>
    </message>
    <message>
        <source>Chat template</source>
        <translation>对话模板</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>重新读取</translation>
    </message>
    <message>
        <source>Read the model&apos;s folder again</source>
        <translation>重新读取模型文件夹</translation>
    </message>
    <message>
        <source>Looks at the folder anew, once its files were mended.</source>
        <translation>文件修复后，再次检查该文件夹。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ModelSession</name>
    <message>
        <source>Asking the model…</source>
        <translation>正在询问模型…</translation>
    </message>
    <message>
        <source>Looking through the layers…</source>
        <translation>正在逐层查看…</translation>
    </message>
    <message>
        <source>got none, expected one that the run has saved. It saves at the end, when it is stopped, and on demand.</source>
        <translation>没有找到，应有本次训练保存过的模型。训练在结束、停止或按需时保存。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ModelShelf</name>
    <message>
        <source>tokenizer: got none, expected one beside the weights.</source>
        <translation>tokenizer：没有找到，权重旁边应有一个。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ModelStep</name>
    <message>
        <source>Which model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>A folder with config.json, safetensors and a tokenizer, as the Hugging Face Hub gives them out.</source>
        <translation>含有 config.json、safetensors 和分词器的文件夹，即 Hugging Face Hub 上的发布形式。</translation>
    </message>
    <message>
        <source>Model fol&amp;der</source>
        <translation>模型文件夹(&amp;D)</translation>
    </message>
    <message>
        <source>The model that learns; its own files are never changed.</source>
        <translation>要训练的模型；它本身的文件绝不会被改动。</translation>
    </message>
    <message>
        <source>Search again</source>
        <translation>重新搜索</translation>
    </message>
    <message>
        <source>Models found on this machine</source>
        <translation>在本机找到的模型</translation>
    </message>
    <message>
        <source>Enter or a click takes the model. They were found in the places where models usually lie.</source>
        <translation>按回车键或点击即可选用模型。它们是在模型通常存放的位置找到的。</translation>
    </message>
    <message>
        <source>What of it is trained</source>
        <translation>训练哪些部分</translation>
    </message>
    <message>
        <source>LoRA leaves the weights as they are and trains a small pair of matrices beside those that are switched on. The picture is one layer; all layers are alike.</source>
        <translation>LoRA 不改动原有权重，而是在每个打开的投影旁训练一对小矩阵。图中是一层，所有层都相同。</translation>
    </message>
    <message>
        <source>&amp;Method</source>
        <translation>方法(&amp;M)</translation>
    </message>
    <message>
        <source>An adapter needs a fraction of the memory, and can be taken off again.</source>
        <translation>适配器只需一小部分内存，并且可以再取下。</translation>
    </message>
    <message>
        <source>A low-rank adapter (lora)</source>
        <translation>低秩适配器（lora）</translation>
    </message>
    <message>
        <source>Every weight (full)</source>
        <translation>全部权重（full）</translation>
    </message>
    <message>
        <source>Be&amp;gin at random</source>
        <translation>随机初始化(&amp;G)</translation>
    </message>
    <message>
        <source>Takes the architecture from config.json and none of its weights: training from nothing.</source>
        <translation>只取 config.json 中的架构，不取其权重：从零开始训练。</translation>
    </message>
    <message>
        <source>Go &amp;on from</source>
        <translation>接续适配器(&amp;O)</translation>
    </message>
    <message>
        <source>A PEFT adapter to train further, whose rank and projections then stand; leave empty for a new one.</source>
        <translation>要继续训练的 PEFT 适配器，其秩和投影沿用不变；留空则新建一个。</translation>
    </message>
    <message>
        <source>What is trained in all</source>
        <translation>训练的总参数量</translation>
    </message>
    <message>
        <source>At least one projection has to be trained: switch another one on first.</source>
        <translation>至少要训练一个投影：请先打开另一个。</translation>
    </message>
    <message>
        <source>Searching this machine for models…</source>
        <translation>正在本机搜索模型…</translation>
    </message>
    <message>
        <source>Found on this machine: %1</source>
        <translation>在本机找到：%1</translation>
    </message>
    <message>
        <source>All %1 parameters are trained; gradients and optimizer take twelve more bytes for each.</source>
        <translation>训练全部 %1 个参数；每个参数的梯度和优化器另需 12 字节。</translation>
    </message>
    <message>
        <source>%1 parameters are trained, %2 of the model&apos;s %3.</source>
        <translation>训练 %1 个参数，占模型 %3 个参数的 %2。</translation>
    </message>
    <message>
        <source>Choose a model folder</source>
        <translation>选择模型文件夹</translation>
    </message>
    <message>
        <source>Reading the model&apos;s files…</source>
        <translation>正在读取模型文件…</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Looks again in the caches of Hugging Face and ModelScope, LM Studio&apos;s folders, ~/models and what was used lately.</source>
        <translation>重新查找 Hugging Face 和 ModelScope 的缓存、LM Studio 的文件夹、~/models 以及最近用过的模型。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::NormalizationPicture</name>
    <message>
        <source>row %1: %2 of the say</source>
        <translation>行 %1：话语权 %2</translation>
    </message>
    <message>
        <source>Row A</source>
        <translation>行 A</translation>
    </message>
    <message>
        <source>Row B</source>
        <translation>行 B</translation>
    </message>
    <message>
        <source>%1: tokens with a label</source>
        <translation>%1：有标签的词元数</translation>
    </message>
    <message>
        <source>How many tokens of the example&apos;s row are learnt. Make one row longer and see whose say grows.</source>
        <translation>示例行中参与学习的词元数。把一行加长，看看谁的话语权增大。</translation>
    </message>
    <message>
        <source>%1: mean loss</source>
        <translation>%1：平均损失</translation>
    </message>
    <message>
        <source>The mean loss of these tokens, in nats.</source>
        <translation>这些词元的平均损失，单位 nat。</translation>
    </message>
    <message>
        <source>tokens, mean loss</source>
        <translation>个词元，平均损失</translation>
    </message>
    <message>
        <source>The height of a bar is what that token weighs in the step&apos;s gradient.</source>
        <translation>柱高表示该词元在这一步梯度中的权重。</translation>
    </message>
    <message>
        <source>per token: (%1 × %2 + %3 × %4) / (%1 + %3) = %5</source>
        <translation>每词元：(%1 × %2 + %3 × %4) / (%1 + %3) = %5</translation>
    </message>
    <message>
        <source>per sequence: (%1 + %2) / 2 = %3</source>
        <translation>每序列：(%1 + %2) / 2 = %3</translation>
    </message>
    <message>
        <source>▸ chosen, %1</source>
        <translation>▸ 已选，%1</translation>
    </message>
    <message>
        <source>What a token weighs in either loss</source>
        <translation>一个词元在两种损失中各占多少权重</translation>
    </message>
    <message>
        <source>loss-normalization</source>
        <translation>损失归一化</translation>
    </message>
    <message>
        <source>row</source>
        <translation>行</translation>
    </message>
    <message>
        <source>tokens with a label</source>
        <translation>有标签的词元</translation>
    </message>
    <message>
        <source>mean loss</source>
        <translation>平均损失</translation>
    </message>
    <message>
        <source>weight of a token, per token</source>
        <translation>词元权重，每词元</translation>
    </message>
    <message>
        <source>weight of a token, per sequence</source>
        <translation>词元权重，每序列</translation>
    </message>
</context>
<context>
    <name>vernier::ui::NumberField</name>
    <message>
        <source>nothing</source>
        <translation>空值</translation>
    </message>
    <message>
        <source>above %1</source>
        <translation>%1（不含）</translation>
    </message>
    <message>
        <source>Got %1. Write the number with a point, without commas: 0.5 or 2e-4.</source>
        <translation>输入为 %1。请用小数点书写数字，不要用逗号：0.5 或 2e-4。</translation>
    </message>
    <message>
        <source>Got %1, expected a whole number, at least %2.</source>
        <translation>输入为 %1，应为不小于 %2 的整数。</translation>
    </message>
    <message>
        <source>Got %1, expected a number above %2.</source>
        <translation>输入为 %1，应为大于 %2 的数。</translation>
    </message>
    <message>
        <source>Got %1, expected a number of at least %2.</source>
        <translation>输入为 %1，应为不小于 %2 的数。</translation>
    </message>
    <message>
        <source>below %1</source>
        <translation>%1（不含）</translation>
    </message>
    <message>
        <source>Got %1, expected a whole number from %2 to %3.</source>
        <translation>输入为 %1，应为 %2 到 %3 之间的整数。</translation>
    </message>
    <message>
        <source>Got %1, expected a number from %2 to %3.</source>
        <translation>输入为 %1，应为 %2 到 %3 之间的数。</translation>
    </message>
    <message>
        <source>%1: more</source>
        <translation>%1：增大</translation>
    </message>
    <message>
        <source>%1: less</source>
        <translation>%1：减小</translation>
    </message>
    <message>
        <source>To the next number that is usual; the up and down keys do the same.</source>
        <translation>变为下一个常用的数值；上、下方向键的作用相同。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::NumbersField</name>
    <message>
        <source>Got %1, expected whole numbers of at least 0 with commas between them: 0, 3, 5.</source>
        <translation>输入为 %1，应为不小于 0 的整数，以逗号分隔：0, 3, 5。</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>空值</translation>
    </message>
</context>
<context>
    <name>vernier::ui::PackingMap</name>
    <message numerus="yes">
        <source>%n rows</source>
        <translation>
            <numerusform>%n 行</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::PackingPicture</name>
    <message>
        <source>How rows are filled</source>
        <translation>各行的填充方式</translation>
    </message>
    <message>
        <source>Each bar is a row, each piece of it a sequence. Attention stays within a sequence and positions begin anew, so that the company changes nothing but the speed.</source>
        <translation>每条是一行，其中每段是一个序列。注意力只在序列内部，位置也各自重新计数，因此与哪些序列同行只影响速度。</translation>
    </message>
    <message>
        <source>%1 tokens are cut off.</source>
        <translation>截去 %1 个词元。</translation>
    </message>
    <message>
        <source>Nothing is cut off.</source>
        <translation>没有截去任何词元。</translation>
    </message>
    <message>
        <source>An example, until the data is read: %1 sequences in %2 rows of %3 tokens, %4 filled.</source>
        <translation>读取数据之前的示例：%1 个序列装入 %2 行，每行 %3 个词元，填充率 %4。</translation>
    </message>
    <message>
        <source>An example, until the data is read: each of %1 sequences is a row of its own, of at most %2 tokens, and costs no more than its own tokens.</source>
        <translation>读取数据之前的示例：%1 个序列各占一行，每行最多 %2 个词元，只花费自身词元的计算量。</translation>
    </message>
    <message>
        <source>%1 sequences in %2 rows of %3 tokens, %4 filled. %5</source>
        <translation>%1 个序列装入 %2 行，每行 %3 个词元，填充率 %4。%5</translation>
    </message>
    <message>
        <source>%1 rows of at most %2 tokens, each of which costs no more than its own tokens. %3</source>
        <translation>%1 行，每行最多 %2 个词元，只花费自身词元的计算量。%3</translation>
    </message>
    <message>
        <source>packing</source>
        <translation>打包</translation>
    </message>
    <message>
        <source>row of the picture</source>
        <translation>图中的行</translation>
    </message>
    <message>
        <source>begins at</source>
        <translation>起点</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>词元</translation>
    </message>
</context>
<context>
    <name>vernier::ui::PackingView</name>
    <message>
        <source>Rows of the step</source>
        <translation>该步的各行</translation>
    </message>
    <message>
        <source>Every row as it went through the model. A bar marks where a sequence begins: attention does not look across it, and position_ids start at 0 again. Hatched tokens are masked. Ctrl and wheel zoom.</source>
        <translation>每一行都按送入模型时的样子显示。竖条标出序列的起点：注意力不会越过它，position_ids 从 0 重新开始。斜线的词元已掩码。Ctrl 加滚轮缩放。</translation>
    </message>
    <message>
        <source>The rows of the selected step will stand here.</source>
        <translation>所选步的各行将显示在这里。</translation>
    </message>
    <message>
        <source>Packing</source>
        <translation>打包</translation>
    </message>
    <message>
        <source>The packed rows of a step with their boundaries, and what each token weighs per token and per sequence.</source>
        <translation>一步的打包行及其边界，以及每个词元按每词元和按每序列计算的权重。</translation>
    </message>
    <message>
        <source>&amp;Weight</source>
        <translation>权重(&amp;W)</translation>
    </message>
    <message>
        <source>Weight of each token</source>
        <translation>每个词元的权重</translation>
    </message>
    <message>
        <source>The loss adds up token losses, each times its weight. Per token, all weigh 1 / num_items_in_batch; per sequence, 1 / (S × targets of its sequence): tokens of short sequences weigh more.</source>
        <translation>损失是各词元损失乘以权重之和。每词元：权重均为 1 / num_items_in_batch；每序列：权重为 1 / (S × 所在序列的目标数)，短序列的词元权重更大。</translation>
    </message>
    <message>
        <source>per token: 1 / num_items_in_batch</source>
        <translation>每词元：1 / num_items_in_batch</translation>
    </message>
    <message>
        <source>per sequence: 1 / (S × targets)</source>
        <translation>每序列：1 / (S × 目标数)</translation>
    </message>
    <message>
        <source>the difference</source>
        <translation>差异</translation>
    </message>
    <message>
        <source>A weight of 1 is the step&apos;s average: num_items_in_batch tokens share the whole loss.</source>
        <translation>权重 1 是该步的平均值：num_items_in_batch 个词元分摊全部损失。</translation>
    </message>
    <message>
        <source>data row %1</source>
        <translation>数据行 %1</translation>
    </message>
    <message>
        <source>batch %1, row %2</source>
        <translation>批次 %1，行 %2</translation>
    </message>
    <message>
        <source>sequence %1</source>
        <translation>序列 %1</translation>
    </message>
    <message>
        <source>%1 unused</source>
        <translation>%1 未使用</translation>
    </message>
    <message>
        <source>Per sequence against per token</source>
        <translation>每序列与每词元之比</translation>
    </message>
    <message>
        <source>1/%1</source>
        <translation>1/%1</translation>
    </message>
    <message>
        <source>the same</source>
        <translation>相同</translation>
    </message>
    <message>
        <source>%1 times</source>
        <translation>%1 倍</translation>
    </message>
    <message>
        <source>Weight, 1 is average</source>
        <translation>权重，1 为平均值</translation>
    </message>
    <message>
        <source>This run optimises the loss per token.</source>
        <translation>本运行优化每词元损失。</translation>
    </message>
    <message>
        <source>This run optimises the loss per sequence.</source>
        <translation>本运行优化每序列损失。</translation>
    </message>
    <message>
        <source>%1 tokens of the row are not used</source>
        <translation>该行有 %1 个词元未使用</translation>
    </message>
    <message>
        <source>sequence %1, row %2 of the data</source>
        <translation>序列 %1，数据行 %2</translation>
    </message>
    <message>
        <source>%1 tokens, %2 targets, loss %3</source>
        <translation>%1 个词元，%2 个目标，损失 %3</translation>
    </message>
    <message>
        <source>position_ids 0 to %1, at %2 of its row</source>
        <translation>position_ids 0 到 %1，起于该行位置 %2</translation>
    </message>
    <message>
        <source>this token: position %1</source>
        <translation>该词元：位置 %1</translation>
    </message>
    <message>
        <source>nothing of it is learnt</source>
        <translation>其中没有参与学习的词元</translation>
    </message>
    <message>
        <source>per token: each target weighs %1, all of them %2 of the loss</source>
        <translation>每词元：每个目标权重 %1，合计占损失的 %2</translation>
    </message>
    <message>
        <source>per sequence: each target weighs %1, all of them %2 of the loss</source>
        <translation>每序列：每个目标权重 %1，合计占损失的 %2</translation>
    </message>
    <message>
        <source>micro-batch</source>
        <translation>微批次</translation>
    </message>
    <message>
        <source>packed row</source>
        <translation>打包行</translation>
    </message>
    <message>
        <source>begins at</source>
        <translation>起点</translation>
    </message>
    <message>
        <source>sequence</source>
        <translation>序列</translation>
    </message>
    <message>
        <source>row</source>
        <translation>行</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>targets</source>
        <translation>目标</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>weight of a target, per token</source>
        <translation>目标权重，每词元</translation>
    </message>
    <message>
        <source>weight of a target, per sequence</source>
        <translation>目标权重，每序列</translation>
    </message>
    <message>
        <source>Sequences of step %1</source>
        <translation>第 %1 步的序列</translation>
    </message>
    <message>
        <source>masked: weighs nothing</source>
        <translation>已掩码：没有权重</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 个词元</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ParityCheck</name>
    <message>
        <source>Waiting: another view is asking the model</source>
        <translation>请稍候：另一个视图正在询问该模型</translation>
    </message>
    <message>
        <source>Loading the model</source>
        <translation>正在加载模型</translation>
    </message>
    <message>
        <source>Checking the three paths against the reference</source>
        <translation>正在将三条路径与参考对照</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ParityHistory</name>
    <message>
        <source>Deviation, which the verdict judges</source>
        <translation>偏差（判定依据）</translation>
    </message>
    <message>
        <source>Same arg-max</source>
        <translation>arg-max 相同</translation>
    </message>
    <message>
        <source>Loss difference, nats</source>
        <translation>损失差异，nat</translation>
    </message>
    <message>
        <source>Most frequent arg-max</source>
        <translation>最常见 arg-max</translation>
    </message>
    <message>
        <source>Max |Δ logit|</source>
        <translation>最大 |Δ logit|</translation>
    </message>
    <message>
        <source>KL from the reference, nats</source>
        <translation>与参考的 KL，nat</translation>
    </message>
    <message>
        <source>Parity checks over the run</source>
        <translation>整个运行的一致性检查</translation>
    </message>
    <message>
        <source>Every check of the run. A figure that rises at one step tells where to look; one that was never small tells of the model or the device. Wheel zooms, dragging moves, a double click shows all.</source>
        <translation>本次运行的每次检查。某个数值在某一步升高，说明该查哪里；从未小过的数值反映的是模型或设备本身。滚轮缩放，拖动平移，双击显示全部。</translation>
    </message>
    <message>
        <source>Not recorded: an earlier version made these checks.</source>
        <translation>未记录：这些检查由较早的版本完成。</translation>
    </message>
    <message>
        <source>differs above</source>
        <translation>高于此线：不一致</translation>
    </message>
    <message>
        <source>agrees below</source>
        <translation>低于此线：一致</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>step %1: %2</source>
        <translation>第 %1 步：%2</translation>
    </message>
    <message>
        <source>%1: loss difference %2, max |Δ logit| %3, same arg-max %4, KL %5</source>
        <translation>%1：损失差异 %2，最大 |Δ logit| %3，arg-max 相同 %4，KL %5</translation>
    </message>
    <message>
        <source>path</source>
        <translation>路径</translation>
    </message>
    <message>
        <source>verdict</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>Parity checks</source>
        <translation>一致性检查</translation>
    </message>
    <message>
        <source>Show &amp;all steps</source>
        <translation>显示全部步(&amp;A)</translation>
    </message>
    <message numerus="yes">
        <source>%n parity checks</source>
        <translation>
            <numerusform>%n 次一致性检查</numerusform>
        </translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>第 %1 步</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ParityLamp</name>
    <message>
        <source>The same batch goes through the training path, the evaluation path and the KV-cache path, and each is compared with a plain reference. Where they disagree, the loss you see is not the model you will get. Click for the figures.</source>
        <translation>同一批次分别经过训练路径、评估路径和 KV 缓存路径，各自与一个朴素参考实现比较。若有不一致，你看到的损失就不代表你将得到的模型。点击查看数值。</translation>
    </message>
    <message>
        <source>No check has been made yet.</source>
        <translation>尚未做过检查。</translation>
    </message>
    <message>
        <source>Parity: %1</source>
        <translation>一致性：%1</translation>
    </message>
    <message>
        <source>Parity %1</source>
        <translation>一致性 %1</translation>
    </message>
    <message>
        <source>Step %1: %2</source>
        <translation>第 %1 步：%2</translation>
    </message>
    <message>
        <source>Parity: not checked yet</source>
        <translation>一致性：尚未检查</translation>
    </message>
    <message>
        <source>Parity not checked yet</source>
        <translation>一致性尚未检查</translation>
    </message>
    <message>
        <source>Parity: agreed before the start</source>
        <translation>一致性：开始前一致</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ParityPanel</name>
    <message>
        <source>The training path: what backward sees.</source>
        <translation>训练路径：反向传播所见。</translation>
    </message>
    <message>
        <source>The evaluation path: the same decoder without dropout.</source>
        <translation>评估路径：同一解码器，不加 dropout。</translation>
    </message>
    <message>
        <source>The KV-cache path: token by token, as generation does it.</source>
        <translation>KV 缓存路径：像生成时那样逐词元计算。</translation>
    </message>
    <message>
        <source>The only check so far.</source>
        <translation>迄今唯一的一次检查。</translation>
    </message>
    <message>
        <source>All %1 checks so far agree.</source>
        <translation>迄今 %1 次检查全部一致。</translation>
    </message>
    <message>
        <source>%1 of %2 checks agree; the first that does not is that of step %3.</source>
        <translation>%2 次检查中有 %1 次一致；首次不一致出现在第 %3 步。</translation>
    </message>
    <message>
        <source>Parity report</source>
        <translation>一致性报告</translation>
    </message>
    <message>
        <source>No parity check yet</source>
        <translation>尚无一致性检查</translation>
    </message>
    <message>
        <source>Here the training, evaluation and KV-cache paths stand side by side against a plain reference on the same batch. ǌheck parity now” makes a check after the current step of a run that goes on; “parity_check” in the run file makes one every so many steps.</source>
        <translation>这里在同一批次上将训练、评估和 KV 缓存路径与朴素参考并排对照。“立即检查一致性”会在运行的当前步之后做一次检查；运行配置文件中的“parity_check”则每隔若干步做一次。</translation>
    </message>
    <message>
        <source>What the check found</source>
        <translation>检查结果</translation>
    </message>
    <message>
        <source>Checks so far</source>
        <translation>迄今的检查</translation>
    </message>
    <message>
        <source>All checks of this run, newest first. A verdict that changes at one step tells where to look.</source>
        <translation>本次运行的全部检查，最新的在前。判定在某一步改变，说明该查哪里。</translation>
    </message>
    <message>
        <source>Likely causes</source>
        <translation>可能的原因</translation>
    </message>
    <message>
        <source>Every path against the reference</source>
        <translation>各路径与参考对照</translation>
    </message>
    <message>
        <source>Each path computes the same batch; the figures say how far it lies from the plain reference.</source>
        <translation>每条路径计算同一批次；数值表示它与朴素参考相差多少。</translation>
    </message>
    <message>
        <source>Step %1: %2</source>
        <translation>第 %1 步：%2</translation>
    </message>
    <message>
        <source>%1 tokens, checked in %2 ms. The plain reference: loss %3 per token, most frequent arg-max %4.</source>
        <translation>%1 个词元，检查用时 %2 毫秒。朴素参考：每词元损失 %3，最常见 arg-max %4。</translation>
    </message>
    <message>
        <source>%1: likely causes, likeliest first</source>
        <translation>%1：可能的原因，可能性高的在前</translation>
    </message>
    <message>
        <source>Evidence: %1</source>
        <translation>依据：%1</translation>
    </message>
    <message>
        <source>not recorded</source>
        <translation>未记录</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>Agrees: the differences are those of rounding. Drifting: more than that. Differs: another computation.</source>
        <translation>一致：差异仅为舍入误差。有偏移：超出舍入误差。不一致：计算本身不同。</translation>
    </message>
    <message>
        <source>Deviation</source>
        <translation>偏差</translation>
    </message>
    <message>
        <source>What the verdict judges: the worst position&apos;s logit differences for each unit of the logits&apos; spread, or the worst token&apos;s loss difference, whichever is larger.</source>
        <translation>结论的评判依据：最差位置的 logit 差异与 logit 离散程度之比，或最差词元的损失差异，取较大者。</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Loss difference</source>
        <translation>损失差异</translation>
    </message>
    <message>
        <source>How far the loss per token lies from the reference&apos;s, nats.</source>
        <translation>每词元损失与参考值的差距，单位 nat。</translation>
    </message>
    <message>
        <source>Mean |Δ logit|</source>
        <translation>平均 |Δ logit|</translation>
    </message>
    <message>
        <source>Mean absolute difference over all logits. Rounding alone stays near 1e-6 to 1e-4 in float32.</source>
        <translation>所有 logit 的平均绝对差。在 float32 下，仅由舍入引起的差异约为 1e-6 到 1e-4。</translation>
    </message>
    <message>
        <source>Max |Δ logit|</source>
        <translation>最大 |Δ logit|</translation>
    </message>
    <message>
        <source>The largest difference of a single logit.</source>
        <translation>单个 logit 的最大差异。</translation>
    </message>
    <message>
        <source>Same arg-max</source>
        <translation>arg-max 相同</translation>
    </message>
    <message>
        <source>Share of positions where both would say the same token next.</source>
        <translation>两者预测的下一个词元相同的位置占比。</translation>
    </message>
    <message>
        <source>KL, nats</source>
        <translation>KL（nat）</translation>
    </message>
    <message>
        <source>Kullback-Leibler divergence from the reference&apos;s distribution, mean over positions. 0: the same distribution.</source>
        <translation>与参考分布的 Kullback-Leibler 散度，按位置取均值。0 表示分布相同。</translation>
    </message>
    <message>
        <source>Top arg-max</source>
        <translation>最常见 arg-max</translation>
    </message>
    <message>
        <source>Share of positions that would say the most frequent token. Near 100 %: the path has collapsed to one answer.</source>
        <translation>预测为最常见词元的位置占比。接近 100% 时，该路径已坍缩为单一回答。</translation>
    </message>
    <message>
        <source>Loss per token on this path, nats.</source>
        <translation>此路径上的每词元损失，单位 nat。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ParityView</name>
    <message>
        <source>Check parity &amp;now</source>
        <translation>立即检查一致性(&amp;N)</translation>
    </message>
    <message>
        <source>Check parity now</source>
        <translation>立即检查一致性</translation>
    </message>
    <message>
        <source>&amp;Save report…</source>
        <translation>保存报告(&amp;S)…</translation>
    </message>
    <message>
        <source>Save report</source>
        <translation>保存报告</translation>
    </message>
    <message>
        <source>The check that is shown as Markdown, with its causes and their evidence, and all checks as CSV beside it.</source>
        <translation>将当前显示的检查存为 Markdown，附原因及依据；所有检查另存为同目录下的 CSV。</translation>
    </message>
    <message>
        <source>No parity check yet</source>
        <translation>尚无一致性检查</translation>
    </message>
    <message>
        <source>This window has checked what the run saved after step %1. The run folder is as it was: save the report to keep it.</source>
        <translation>此窗口检查了运行在第 %1 步之后保存的内容。运行文件夹未作改动：要保留结果，请保存报告。</translation>
    </message>
    <message>
        <source>Train / eval parity</source>
        <translation>训练/评估一致性</translation>
    </message>
    <message>
        <source>Holds the training, evaluation and KV-cache paths against a plain reference, now and over the run.</source>
        <translation>将训练、评估和 KV 缓存路径与朴素参考对照，既看当前，也看整个运行。</translation>
    </message>
    <message>
        <source>The check is made after the current step.</source>
        <translation>检查将在当前步之后进行。</translation>
    </message>
    <message>
        <source>The run does not go on: what it saved after step %1 is checked.</source>
        <translation>运行不会继续：检查的是它在第 %1 步之后保存的内容。</translation>
    </message>
    <message>
        <source>There is nothing to check before the run has saved something.</source>
        <translation>运行保存过内容之后才有东西可检查。</translation>
    </message>
    <message>
        <source>Training, evaluation and generation run different code. Here they stand side by side against a plain reference on the same tokens, so that a difference is seen before it spoils a result. “parity_check” in the run file makes a check every so many steps.</source>
        <translation>训练、评估和生成运行的是不同的代码。这里用相同的词元，把它们与一个朴素的参考实现并排对照，以便在差异毁掉结果之前就发现它。运行配置文件中的“parity_check”可设定每隔多少步检查一次。</translation>
    </message>
    <message>
        <source>Save the parity report</source>
        <translation>保存一致性报告</translation>
    </message>
    <message>
        <source>Markdown (*.md)</source>
        <translation>Markdown (*.md)</translation>
    </message>
    <message>
        <source>%1 cannot be written. Is the folder there, and is it yours?</source>
        <translation>无法写入 %1。请确认文件夹存在且你有写入权限。</translation>
    </message>
    <message>
        <source>The report is in %1, all checks are in %2.</source>
        <translation>报告在 %1，全部检查结果在 %2。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::PathField</name>
    <message>
        <source>Type, choose or drop a folder</source>
        <translation>输入、选择或拖入文件夹</translation>
    </message>
    <message>
        <source>Type, choose or drop a file</source>
        <translation>输入、选择或拖入文件</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Choose: %1</source>
        <translation>选择：%1</translation>
    </message>
</context>
<context>
    <name>vernier::ui::PausePanel</name>
    <message>
        <source>A checksum over the weights that are trained, the optimizer&apos;s moments, and the sampler&apos;s and random state: everything that training goes on from. Equal before and after means that the run goes on as if nobody had looked.</source>
        <translation>对正在训练的权重、优化器的矩、采样器状态和随机数状态计算的校验和，涵盖训练继续所依据的一切。前后相等就说明：运行继续时，与从未有人查看过完全一样。</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>隐藏</translation>
    </message>
    <message>
        <source>Hides what was found; log.txt of the run folder keeps it.</source>
        <translation>隐藏这里的结果；运行文件夹中的 log.txt 会保留它。</translation>
    </message>
    <message>
        <source>Question to the paused model</source>
        <translation>向暂停的模型提问</translation>
    </message>
    <message>
        <source>Answered with the weights as they stand at this step, token by token, the likeliest each time. Return asks.</source>
        <translation>用这一步的当前权重逐词元作答，每次都取最可能的词元。按回车键提问。</translation>
    </message>
    <message>
        <source>Ask the model as it is now</source>
        <translation>向当前的模型提问</translation>
    </message>
    <message>
        <source>As&amp;k</source>
        <translation>提问(&amp;K)</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>提问</translation>
    </message>
    <message>
        <source>Answers with the weights of this step; training is not touched by it.</source>
        <translation>用这一步的权重作答，不影响训练。</translation>
    </message>
    <message>
        <source>Inspect its tokens</source>
        <translation>检视它的词元</translation>
    </message>
    <message>
        <source>Goes to the Inspect page with the newest step; the run stays paused.</source>
        <translation>转到“检视”页面并显示最新一步；运行保持暂停。</translation>
    </message>
    <message>
        <source>Paused after step %1; the training state is %2. Look, ask, check parity or do a single step: before the run goes on, the state is compared with this one.</source>
        <translation>已在第 %1 步之后暂停；训练状态为 %2。可以查看、提问、检查一致性或单步执行：运行继续之前，会将届时的状态与此状态比较。</translation>
    </message>
    <message>
        <source>Something changed the run while it was paused after step %1: the training state was %2, it is %3. Resume the run from its last checkpoint.</source>
        <translation>运行在第 %1 步之后暂停期间被改动了：训练状态原为 %2，现为 %3。请从最近的检查点继续训练。</translation>
    </message>
    <message>
        <source>The training state was %1 at the pause after step %2 and before going on: looking changed nothing.</source>
        <translation>第 %2 步之后暂停时与继续之前，训练状态都是 %1：查看没有改变任何东西。</translation>
    </message>
    <message>
        <source>Reading the question…</source>
        <translation>正在读取问题…</translation>
    </message>
</context>
<context>
    <name>vernier::ui::PinnedRowPanel</name>
    <message>
        <source>No row is pinned</source>
        <translation>尚未固定任何行</translation>
    </message>
    <message>
        <source>Its loss and tokens at every step. Select a sequence first.</source>
        <translation>固定一行后，这里显示它每次出现时的损失与词元。请先选择一个序列。</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>取消固定</translation>
    </message>
    <message>
        <source>Forgets the row; its history stays in the run folder.</source>
        <translation>不再跟踪此行；它的历史保留在运行文件夹中。</translation>
    </message>
    <message>
        <source>The mean loss of the row&apos;s tokens at each step that it was trained on. Where it does not fall while others do, look at its tokens: the row may contradict them.</source>
        <translation>每次训练到此行时，其词元的平均损失。如果别的行在下降而它不降，请看看它的词元：此行可能与其他行矛盾。</translation>
    </message>
    <message>
        <source>The pinned row&apos;s tokens at first</source>
        <translation>固定行最初的词元</translation>
    </message>
    <message>
        <source>What each token cost when the row first came up. Both ribbons have one scale.</source>
        <translation>此行首次出现时每个词元的损失。两条色带使用同一标度。</translation>
    </message>
    <message>
        <source>The pinned row&apos;s tokens now</source>
        <translation>固定行现在的词元</translation>
    </message>
    <message>
        <source>What each token cost when the row last came up. Both ribbons have one scale.</source>
        <translation>此行最近一次出现时每个词元的损失。两条色带使用同一标度。</translation>
    </message>
    <message>
        <source>Row %1 has not come up in this run.</source>
        <translation>第 %1 行在本次运行中还没有出现过。</translation>
    </message>
    <message numerus="yes">
        <source>It has come up %n time(s).</source>
        <translation>
            <numerusform>它已出现 %n 次。</numerusform>
        </translation>
    </message>
    <message>
        <source>Row %1 cost %2 at step %3. %4</source>
        <translation>第 %1 行在第 %3 步的损失为 %2。%4</translation>
    </message>
    <message>
        <source>Row %1 cost %2 at step %3 and %4 at step %5. %6</source>
        <translation>第 %1 行在第 %3 步的损失为 %2，在第 %5 步为 %4。%6</translation>
    </message>
    <message>
        <source>Then: step %1</source>
        <translation>当时：第 %1 步</translation>
    </message>
    <message>
        <source>Now: step %1</source>
        <translation>现在：第 %1 步</translation>
    </message>
    <message>
        <source>The tokens of this sequence were not recorded.</source>
        <translation>没有记录这个序列的词元。</translation>
    </message>
    <message>
        <source>Pin the selected row</source>
        <translation>固定所选的行</translation>
    </message>
</context>
<context>
    <name>vernier::ui::PositionPanel</name>
    <message>
        <source>Token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Its text and its id in the vocabulary.</source>
        <translation>它的文本和在词表中的 id。</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Minus the logarithm of its probability, in nats.</source>
        <translation>其概率的负对数，单位为 nat。</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>名次</translation>
    </message>
    <message>
        <source>Its place among all tokens by probability: 1 is the likeliest, a hit.</source>
        <translation>按概率在全部词元中的名次：1 为最可能，即命中。</translation>
    </message>
    <message>
        <source>Entropy</source>
        <translation>熵</translation>
    </message>
    <message>
        <source>How undecided the model was, in nats; e to its power is the number of tokens it hesitated between.</source>
        <translation>模型有多犹豫，单位为 nat；e 的该次幂就是它在多少个词元之间犹豫。</translation>
    </message>
    <message>
        <source>Likeliest instead</source>
        <translation>最可能的替代</translation>
    </message>
    <message>
        <source>What the model would have said.</source>
        <translation>模型原本会给出的词元。</translation>
    </message>
    <message>
        <source>Likeliest tokens</source>
        <translation>最可能的词元</translation>
    </message>
    <message>
        <source>The tokens with the highest logits at this position. The true one is marked.</source>
        <translation>此位置上 logit 最高的词元。正确的词元有标记。</translation>
    </message>
    <message>
        <source>Probability</source>
        <translation>概率</translation>
    </message>
    <message>
        <source>Logit</source>
        <translation>logit</translation>
    </message>
    <message>
        <source>%1 nats (probability %2 %)</source>
        <translation>%1&#xa0;nat（概率 %2%）</translation>
    </message>
    <message>
        <source>nothing: it was right</source>
        <translation>无：模型答对了</translation>
    </message>
    <message>
        <source>Select a token of the ribbon or a column of the map.</source>
        <translation>请选择色带中的一个词元或热力图中的一列。</translation>
    </message>
    <message>
        <source>This token has no label (-100): the loss does not see it.</source>
        <translation>这个词元没有标签（-100）：它不计入损失。</translation>
    </message>
    <message>
        <source>The logits that predicted it were not captured. “Return logits” keeps them.</source>
        <translation>预测它的 logit 没有被捕获。“返回 logits”会保留它们。</translation>
    </message>
    <message>
        <source>The distribution after the token at position %1:</source>
        <translation>位置 %1 的词元之后的分布：</translation>
    </message>
    <message>
        <source>✓ </source>
        <translation>✓ </translation>
    </message>
</context>
<context>
    <name>vernier::ui::ProjectionBox</name>
    <message>
        <source>Adapt %1</source>
        <translation>适配 %1</translation>
    </message>
    <message>
        <source>It maps %1 numbers a token to %2.</source>
        <translation>它把每词元的 %1 个数映射为 %2 个。</translation>
    </message>
    <message>
        <source>%1 A low-rank pair of matrices beside its frozen weight is trained. Click to leave it as it is.</source>
        <translation>%1在其冻结的权重旁训练一对低秩矩阵。点击则保持原样不训练。</translation>
    </message>
    <message>
        <source>%1 It stays as it is. Click to train a low-rank pair of matrices beside it.</source>
        <translation>%1它保持原样。点击则在其旁训练一对低秩矩阵。</translation>
    </message>
    <message>
        <source>trained</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>frozen</source>
        <translation>冻结</translation>
    </message>
</context>
<context>
    <name>vernier::ui::PromptPanel</name>
    <message>
        <source>What is asked</source>
        <translation>提问内容</translation>
    </message>
    <message>
        <source>Turns go through the chat template, as they did in training. Text goes in as it is. A row shows what training did to the very data.</source>
        <translation>对话会像训练时那样套用对话模板。文本则原样输入。选择数据行可以看到训练对这条数据本身的影响。</translation>
    </message>
    <message>
        <source>A conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Plain text</source>
        <translation>纯文本</translation>
    </message>
    <message>
        <source>A row of the training data</source>
        <translation>训练数据中的一行</translation>
    </message>
    <message>
        <source>A row of the held-out data</source>
        <translation>留出数据中的一行</translation>
    </message>
    <message>
        <source>Examples</source>
        <translation>示例</translation>
    </message>
    <message>
        <source>Questions whose answers this training changes. Choosing one puts it into the conversation.</source>
        <translation>这次训练会改变其回答的问题。选择一个，它就会填入对话。</translation>
    </message>
    <message>
        <source>Choose an example…</source>
        <translation>选择示例…</translation>
    </message>
    <message>
        <source>Text to go on from</source>
        <translation>续写的文本</translation>
    </message>
    <message>
        <source>The model goes on from here. Special tokens that are written out, such as &lt;/s&gt;, count as such. Ctrl+Enter asks both models.</source>
        <translation>模型从这里接着写。写出的特殊词元（如 &lt;/s&gt;）按特殊词元处理。Ctrl+Enter 向两个模型提问。</translation>
    </message>
    <message>
        <source>Once upon a time…</source>
        <translation>很久很久以前…</translation>
    </message>
    <message>
        <source>Row</source>
        <translation>行</translation>
    </message>
    <message>
        <source>A row of the data, counted from 0. Its prompt is asked, and what it says next stands below both answers with its probability before and after.</source>
        <translation>数据中的一行，从 0 计数。用它的提示词提问；它接下来的内容连同训练前后的概率显示在两个回答下方。</translation>
    </message>
    <message>
        <source>&amp;Row</source>
        <translation>行(&amp;R)</translation>
    </message>
    <message>
        <source>Tokens of the prompt</source>
        <translation>提示词的词元数</translation>
    </message>
    <message>
        <source>How much of the row is given. Usually what stands before its first label: what training never asked the model to say.</source>
        <translation>给出该行的多少内容。通常是第一个标签之前的部分：训练从未要求模型说出的内容。</translation>
    </message>
    <message>
        <source>up to its first label</source>
        <translation>到第一个标签为止</translation>
    </message>
    <message>
        <source>Prompt &amp;tokens</source>
        <translation>提示词词元数(&amp;T)</translation>
    </message>
    <message>
        <source>Use the selected sequence</source>
        <translation>使用所选序列</translation>
    </message>
    <message>
        <source>The row of the sequence that is selected here and on the Run page.</source>
        <translation>此处和“运行”页面上所选序列的数据行。</translation>
    </message>
    <message>
        <source>Use the &amp;selected sequence</source>
        <translation>使用所选序列(&amp;S)</translation>
    </message>
    <message>
        <source>Use the &amp;selected sequence: row %1</source>
        <translation>使用所选序列(&amp;S)：第 %1 行</translation>
    </message>
    <message>
        <source>&amp;What is asked</source>
        <translation>提问内容(&amp;W)</translation>
    </message>
    <message>
        <source>E&amp;xamples</source>
        <translation>示例(&amp;X)</translation>
    </message>
    <message>
        <source>This run holds nothing out (eval_dataset, eval_fraction).</source>
        <translation>此运行没有留出数据（eval_dataset、eval_fraction）。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::PromptsPanel</name>
    <message>
        <source>Prompts</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>One prompt a line. Each is put to every run through the model&apos;s chat template and answered greedily, so that a difference comes from the training alone.</source>
        <translation>每行一个提示词。每个提示词都经模型的对话模板发给每个运行，并以贪心方式作答，因此差异只来自训练。</translation>
    </message>
    <message>
        <source>One prompt a line</source>
        <translation>每行一个提示词</translation>
    </message>
    <message>
        <source>&amp;Ask</source>
        <translation>提问(&amp;A)</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>提问</translation>
    </message>
    <message>
        <source>Loads one model after the other and asks each the same prompts.</source>
        <translation>依次加载各个模型，向每个模型提出相同的提示词。</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>取消(&amp;C)</translation>
    </message>
    <message>
        <source>Cancel the asking</source>
        <translation>取消提问</translation>
    </message>
    <message>
        <source>Ends the asking. Answers that are there stay.</source>
        <translation>结束提问。已有的回答会保留。</translation>
    </message>
    <message>
        <source>Progress of the asking</source>
        <translation>提问进度</translation>
    </message>
    <message>
        <source>How many of the runs have answered.</source>
        <translation>已有多少个运行作答。</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>The same prompt in a row, a run in a column.</source>
        <translation>每行一个提示词，每列一个运行。</translation>
    </message>
    <message>
        <source>Asking %1…</source>
        <translation>正在向 %1 提问…</translation>
    </message>
    <message>
        <source>The answers stand here side by side once the runs were asked.</source>
        <translation>向各个运行提问后，回答会并排显示在这里。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ReturnLogitsPanel</name>
    <message>
        <source>This run has ended: there are no steps left whose logits could be kept.</source>
        <translation>这次运行已结束：没有剩余的步可以保留 logits。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::RowHistoryPlot</name>
    <message>
        <source>Loss of the pinned row through the run</source>
        <translation>固定行在整个运行中的损失</translation>
    </message>
    <message>
        <source>loss of this row, nats</source>
        <translation>此行的损失，nat</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>第 %1 步</translation>
    </message>
    <message>
        <source>loss %1 nats</source>
        <translation>损失 %1&#xa0;nat</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>sequence</source>
        <translation>序列</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>targets</source>
        <translation>目标数</translation>
    </message>
    <message>
        <source>row-history</source>
        <translation>row-history</translation>
    </message>
    <message numerus="yes">
        <source>It came up %n time(s). First: %1. Last: %2</source>
        <translation>
            <numerusform>它已出现 %n 次。首次：%1。最近：%2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>vernier::ui::RowPreview</name>
    <message>
        <source>System</source>
        <translation>系统</translation>
    </message>
    <message>
        <source>User</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>Assistant</source>
        <translation>助手</translation>
    </message>
    <message>
        <source>Tool</source>
        <translation>工具</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>Completion</source>
        <translation>补全</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Token ids</source>
        <translation>词元 id</translation>
    </message>
    <message>
        <source>%1…
(%2 more characters)</source>
        <translation>%1…
（还有 %2 个字符）</translation>
    </message>
    <message>
        <source>The chosen row</source>
        <translation>所选的行</translation>
    </message>
    <message>
        <source>The row that is chosen in the table, as it is understood with the columns chosen above.</source>
        <translation>表格中所选的行，按上方选定的列来解读。</translation>
    </message>
    <message>
        <source>Who says what in the row</source>
        <translation>此行中谁说了什么</translation>
    </message>
    <message>
        <source>The row&apos;s parts as they are understood: check that each stands under the right name.</source>
        <translation>解读出的此行各部分：请检查每一部分的名称是否正确。</translation>
    </message>
    <message>
        <source>The text that the model reads</source>
        <translation>模型读到的文本</translation>
    </message>
    <message>
        <source>The row as the chat template lays it out, with the special tokens that it writes.</source>
        <translation>此行经对话模板排布后的样子，含模板写入的特殊词元。</translation>
    </message>
    <message>
        <source>Turns</source>
        <translation>轮次</translation>
    </message>
    <message>
        <source>As the model reads it</source>
        <translation>模型读到的样子</translation>
    </message>
    <message>
        <source>Reading the model&apos;s tokenizer…</source>
        <translation>正在读取模型的分词器…</translation>
    </message>
    <message>
        <source>Choose a model first: its chat template says how the row is laid out.</source>
        <translation>请先选择模型：行如何排布由其对话模板决定。</translation>
    </message>
    <message>
        <source>Choose a row in the table.</source>
        <translation>请在表格中选择一行。</translation>
    </message>
    <message>
        <source>Example %1 of %2 in this row</source>
        <translation>此行中的样本 %1 / %2</translation>
    </message>
    <message>
        <source>(empty)</source>
        <translation>（空）</translation>
    </message>
</context>
<context>
    <name>vernier::ui::RowXray</name>
    <message>
        <source>exact duplicates of an earlier row</source>
        <translation>与前面某行完全重复</translation>
    </message>
    <message>
        <source>without any text</source>
        <translation>没有任何文本</translation>
    </message>
    <message>
        <source>with a placeholder such as {{name}}</source>
        <translation>含有 {{name}} 之类的占位符</translation>
    </message>
    <message>
        <source>that spell a special token</source>
        <translation>文本中写出了特殊词元</translation>
    </message>
    <message>
        <source>whose last turn is never closed</source>
        <translation>最后一轮未闭合</translation>
    </message>
    <message>
        <source>with a BOS of their own</source>
        <translation>自带 BOS</translation>
    </message>
    <message>
        <source>Which rows</source>
        <translation>哪些行</translation>
    </message>
    <message>
        <source>The rows to train on, or those of the file to evaluate on.</source>
        <translation>用于训练的行，或评估文件中的行。</translation>
    </message>
    <message>
        <source>to train on</source>
        <translation>用于训练</translation>
    </message>
    <message>
        <source>to evaluate on</source>
        <translation>用于评估</translation>
    </message>
    <message>
        <source>Ro&amp;ws</source>
        <translation>数据行(&amp;W)</translation>
    </message>
    <message>
        <source>Which of the rows are shown</source>
        <translation>显示哪些行</translation>
    </message>
    <message>
        <source>All of them, or those that are worth a look for one reason.</source>
        <translation>全部，或因某个原因值得一看的行。</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>cut at max_length</source>
        <translation>在 max_length 处截断</translation>
    </message>
    <message>
        <source>with nothing to learn</source>
        <translation>没有可学的内容</translation>
    </message>
    <message>
        <source>nothing to learn: %1</source>
        <translation>没有可学的内容：%1</translation>
    </message>
    <message>
        <source>&amp;Show</source>
        <translation>显示(&amp;S)</translation>
    </message>
    <message>
        <source>Order of the rows</source>
        <translation>行的顺序</translation>
    </message>
    <message>
        <source>As in the file, or by what stands out.</source>
        <translation>按文件中的顺序，或按突出之处。</translation>
    </message>
    <message>
        <source>as in the file</source>
        <translation>按文件顺序</translation>
    </message>
    <message>
        <source>longest first</source>
        <translation>最长在前</translation>
    </message>
    <message>
        <source>shortest first</source>
        <translation>最短在前</translation>
    </message>
    <message>
        <source>most learnt first</source>
        <translation>学习最多在前</translation>
    </message>
    <message>
        <source>least learnt first</source>
        <translation>学习最少在前</translation>
    </message>
    <message>
        <source>&amp;Order</source>
        <translation>顺序(&amp;O)</translation>
    </message>
    <message numerus="yes">
        <source>rows: %n</source>
        <translation>
            <numerusform>%n 行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n rows</source>
        <translation>
            <numerusform>%n 行中的 %1 行</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose a row above to read it as the tokenizer cuts it.</source>
        <translation>在上方选择一行，查看分词器如何切分它。</translation>
    </message>
    <message>
        <source>%1 · the first %2 tokens are shown</source>
        <translation>%1 · 只显示前 %2 个词元</translation>
    </message>
    <message>
        <source>Reading the row…</source>
        <translation>正在读取行…</translation>
    </message>
    <message>
        <source>row %1</source>
        <translation>第 %1 行</translation>
    </message>
    <message>
        <source>%1 tokens, %2 learnt (%3)</source>
        <translation>%1 个词元，学习 %2 个（%3）</translation>
    </message>
    <message>
        <source>%1 cut away</source>
        <translation>截去 %1 个</translation>
    </message>
    <message>
        <source>left out: %1</source>
        <translation>未采用：%1</translation>
    </message>
    <message>
        <source>one of those %1</source>
        <translation>此行%1</translation>
    </message>
    <message>
        <source>No row is like that.</source>
        <translation>没有这样的行。</translation>
    </message>
    <message>
        <source>Reading the rows…</source>
        <translation>正在读取数据行…</translation>
    </message>
    <message>
        <source>The file has no rows.</source>
        <translation>文件中没有数据行。</translation>
    </message>
    <message>
        <source>Reading was stopped before the first row.</source>
        <translation>尚未读到第一行，读取就已停止。</translation>
    </message>
    <message>
        <source>Each row stands here as a bar of what is learnt and what is not, once a model and data are chosen.</source>
        <translation>选定模型和数据后，每一行在这里显示为一条横条，标出哪些部分会学习、哪些不会。</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
</context>
<context>
    <name>vernier::ui::RunChoiceModel</name>
    <message>
        <source>%1
%2, loss %4 at step %3</source>
        <translation>%1
%2，第 %3 步的损失为 %4</translation>
    </message>
</context>
<context>
    <name>vernier::ui::RunDetails</name>
    <message numerus="yes">
        <source>%n row(s) of %1 hold %2 of the tokens with a label</source>
        <translation>
            <numerusform>%1 行中的 %n 行占带标签词元的 %2</numerusform>
        </translation>
    </message>
    <message>
        <source>Writing %1</source>
        <translation>正在写入 %1</translation>
    </message>
</context>
<context>
    <name>vernier::ui::RunHeader</name>
    <message>
        <source>Step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>Optimizer steps done, of those planned.</source>
        <translation>已完成的优化器步数与计划步数。</translation>
    </message>
    <message>
        <source>Epoch</source>
        <translation>轮</translation>
    </message>
    <message>
        <source>How often the data set was gone through.</source>
        <translation>数据集已遍历多少遍。</translation>
    </message>
    <message>
        <source>Loss per token</source>
        <translation>每词元损失</translation>
    </message>
    <message>
        <source>Sum of all token losses over num_items_in_batch, in nats, before the step&apos;s update.</source>
        <translation>所有词元损失之和除以 num_items_in_batch，单位为 nat，取该步更新之前的值。</translation>
    </message>
    <message>
        <source>Loss per sequence</source>
        <translation>每序列损失</translation>
    </message>
    <message>
        <source>Mean over sequences of each one&apos;s mean loss: short ones count as much as long ones.</source>
        <translation>先求每个序列的平均损失，再对序列取平均：短序列与长序列的分量相同。</translation>
    </message>
    <message>
        <source>Held-out loss</source>
        <translation>留出损失</translation>
    </message>
    <message>
        <source>The newest evaluation: loss per token on rows that are never trained on.</source>
        <translation>最近一次评估：从不用于训练的行上的每词元损失。</translation>
    </message>
    <message>
        <source>Token accuracy</source>
        <translation>词元准确率</translation>
    </message>
    <message>
        <source>How often the likeliest token was the right one (mean_token_accuracy).</source>
        <translation>最可能的词元就是正确词元的比例（mean_token_accuracy）。</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>词元/秒</translation>
    </message>
    <message>
        <source>Real tokens in a second; there is no padding.</source>
        <translation>每秒处理的真实词元数；没有填充。</translation>
    </message>
    <message>
        <source>Time left</source>
        <translation>剩余时间</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Held-out loss, step %1</source>
        <translation>留出损失，第 %1 步</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>What all its steps took together, without loading and evaluations.</source>
        <translation>所有步的总用时，不含加载和评估。</translation>
    </message>
    <message>
        <source>What the steps to come will take at the present speed.</source>
        <translation>按当前速度，剩余各步所需的时间。</translation>
    </message>
    <message>
        <source>%1… %2</source>
        <translation>%1… %2</translation>
    </message>
    <message>
        <source>Another process trains this run: it is followed here, and steered there.</source>
        <translation>这次运行由另一个进程训练：这里只跟踪，控制在那边进行。</translation>
    </message>
    <message>
        <source>A blind guess over %1 tokens costs ln V = %2.</source>
        <translation>在 %1 个词元中盲猜，损失为 ln V = %2。</translation>
    </message>
    <message>
        <source>On held-out rows the loss went from %1 to %2: %3 lower.</source>
        <translation>在留出的行上，损失从 %1 变为 %2，降低了 %3。</translation>
    </message>
    <message>
        <source>On held-out rows the loss went from %1 to %2: %3 higher.</source>
        <translation>在留出的行上，损失从 %1 变为 %2，升高了 %3。</translation>
    </message>
    <message>
        <source>It ended before its first checkpoint: there is nothing to go on from.</source>
        <translation>它在第一个检查点之前就结束了：没有可以继续的起点。</translation>
    </message>
    <message>
        <source>Pauses as soon as the step under way has ended.</source>
        <translation>正在进行的这一步结束后即暂停。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::RunPage</name>
    <message>
        <source>No run is open</source>
        <translation>没有打开的运行</translation>
    </message>
    <message>
        <source>Try the demo</source>
        <translation>试用演示</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>What lies behind the selected step.</source>
        <translation>所选步背后的内容。</translation>
    </message>
    <message>
        <source>Sequences</source>
        <translation>序列</translation>
    </message>
    <message>
        <source>Pinned row</source>
        <translation>固定的行</translation>
    </message>
    <message>
        <source>Gradients</source>
        <translation>梯度</translation>
    </message>
    <message>
        <source>Logits</source>
        <translation>logit</translation>
    </message>
    <message>
        <source>Answers before and after</source>
        <translation>训练前后的回答</translation>
    </message>
    <message>
        <source>Ready to start</source>
        <translation>可以开始</translation>
    </message>
    <message>
        <source>The run will be kept in %1.</source>
        <translation>运行将保存在 %1。</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Getting ready</source>
        <translation>正在准备</translation>
    </message>
    <message>
        <source>Weights and data are being read. The first point of the curve follows at once.</source>
        <translation>正在读取权重和数据。读完后，曲线的第一个点就会出现。</translation>
    </message>
    <message>
        <source>This run has no step yet.</source>
        <translation>这次运行还没有任何步。</translation>
    </message>
    <message>
        <source>The loss of a run stands here, step by step, and behind each point the sequences and tokens it was made of. Open a run folder, set up a run, or start with the demo.</source>
        <translation>运行的损失在这里逐步显示，每个点背后都可以看到构成它的序列和词元。请打开运行文件夹、配置运行，或从演示开始。</translation>
    </message>
    <message>
        <source>Set up a run</source>
        <translation>配置运行</translation>
    </message>
    <message>
        <source>The demo teaches a small bundled model two things it cannot do: answer in an old sea captain&apos;s voice, and know Captain Bram, his ship and his crab. LoRA leaves the model&apos;s weights as they are and trains %1 values beside them, %2 as many. It takes about a minute; the loss on held-out rows should fall by a third or more. Below: five questions, answered before and after.</source>
        <translation>演示教一个内置的小模型两件它原本不会的事：用老船长的口吻回答，以及认识 Bram 船长、他的船和他的螃蟹。LoRA 不改动模型的权重，而是在旁边训练 %1 个数值，相当于模型参数量的 %2。大约需要一分钟；留出行上的损失应下降三分之一或更多。下方是五个问题，训练前后各回答一遍。</translation>
    </message>
    <message>
        <source>The held-out rows are measured before the first step, so that every later measure has one to stand against. The curve begins right after.</source>
        <translation>在第一步之前先测量留出行，作为之后每次测量的参照。曲线随后开始。</translation>
    </message>
    <message>
        <source>The first step is being made. The curve begins with it.</source>
        <translation>正在进行第一步。曲线从这一步开始。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::RunsModel</name>
    <message>
        <source>Damaged</source>
        <translation>已损坏</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>步数</translation>
    </message>
    <message>
        <source>Last loss</source>
        <translation>最后损失</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>开始时间</translation>
    </message>
</context>
<context>
    <name>vernier::ui::SampleModel</name>
    <message>
        <source>Line %1 of the file</source>
        <translation>文件第 %1 行</translation>
    </message>
    <message>
        <source>cannot be read: %1</source>
        <translation>无法读取：%1</translation>
    </message>
    <message>
        <source>This row has no such column.</source>
        <translation>这一行没有此列。</translation>
    </message>
    <message>
        <source>Row</source>
        <translation>行</translation>
    </message>
    <message>
        <source>Counted from 0, as messages count them</source>
        <translation>从 0 计数，与消息中的编号一致</translation>
    </message>
    <message>
        <source>Nothing is read from this column.</source>
        <translation>不从此列读取任何内容。</translation>
    </message>
    <message>
        <source>Read as %1.</source>
        <translation>读作：%1。</translation>
    </message>
    <message>
        <source>%1 → %2</source>
        <translation>%1 → %2</translation>
    </message>
</context>
<context>
    <name>vernier::ui::SamplingPanel</name>
    <message>
        <source>Most new tokens</source>
        <translation>新词元上限</translation>
    </message>
    <message>
        <source>Where an answer is cut that does not end by itself (max_new_tokens). An answer that never ends often means that training did not show the end of a turn.</source>
        <translation>不会自行结束的回答在此处截断（max_new_tokens）。回答永不结束，往往说明训练没有让模型见到轮次的结尾。</translation>
    </message>
    <message>
        <source>Most &amp;new tokens</source>
        <translation>新词元上限(&amp;N)</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>0 always takes the likeliest token: the answer shows what the model believes most. Higher values draw; at 1 as often as the model expects, above 1 more evenly (temperature).</source>
        <translation>0 总是取最可能的词元：回答显示模型最认可的内容。更高的值则随机抽取：为 1 时按模型给出的概率，大于 1 时更均匀（temperature）。</translation>
    </message>
    <message>
        <source>0, the likeliest</source>
        <translation>0，取最可能的</translation>
    </message>
    <message>
        <source>Te&amp;mperature</source>
        <translation>温度(&amp;M)</translation>
    </message>
    <message>
        <source>Top k</source>
        <translation>top-k</translation>
    </message>
    <message>
        <source>Draws only among the k likeliest tokens (top_k). Keeps rare slips out, and with them rare good words.</source>
        <translation>只在最可能的 k 个词元中抽取（top_k）。可以挡住罕见的失误，但罕见的好词也一并挡住。</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Top &amp;k</source>
        <translation>top-k(&amp;K)</translation>
    </message>
    <message>
        <source>Top p</source>
        <translation>top-p</translation>
    </message>
    <message>
        <source>Draws only among the likeliest tokens that together reach this probability (top_p): few where the model is sure, many where it is not.</source>
        <translation>只在概率合计达到此值的最可能词元中抽取（top_p）：模型有把握时很少，没把握时很多。</translation>
    </message>
    <message>
        <source>Top &amp;p</source>
        <translation>top-p(&amp;P)</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>The same seed draws the same answer again. Both sides use it, so that what differs between them is the model and not the dice.</source>
        <translation>相同的随机种子会再次抽出相同的回答。两侧都使用它，因此两者的差别来自模型，而不是运气。</translation>
    </message>
    <message>
        <source>See&amp;d</source>
        <translation>随机种子(&amp;D)</translation>
    </message>
    <message>
        <source>Multiplies what the adapter adds to each weight: 0 is the model before training, 1 as trained, more exaggerates what was learnt. Where a little more breaks the answer, training went far.</source>
        <translation>适配器对每个权重的增量乘以此值：0 是训练前的模型，1 是训练所得，更大的值会放大所学。如果稍稍加大就会破坏回答，说明训练已走得很远。</translation>
    </message>
    <message>
        <source>Strength of the adapter</source>
        <translation>适配器强度</translation>
    </message>
    <message>
        <source>Adapter stren&amp;gth</source>
        <translation>适配器强度(&amp;G)</translation>
    </message>
    <message>
        <source>Both sides draw with the same seed.</source>
        <translation>两侧使用相同的随机种子抽取。</translation>
    </message>
    <message>
        <source>At temperature 0 nothing is drawn: top k, top p and seed have no say.</source>
        <translation>温度为 0 时不做抽取：top-k、top-p 和随机种子都不起作用。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::SchedulePicture</name>
    <message>
        <source>Learning rate over the run</source>
        <translation>整个运行的学习率</translation>
    </message>
    <message>
        <source>The learning rate of every step, as the trainer will set it. Point at it, or use the arrow keys, to read single steps.</source>
        <translation>训练器将为每一步设置的学习率。将指针移到上面，或使用方向键，可读取单步的值。</translation>
    </message>
    <message>
        <source>It rises for %1 steps to %2 and is %3 at the last, step %4.</source>
        <translation>它用 %1 步升到 %2，在最后一步（第 %4 步）为 %3。</translation>
    </message>
    <message>
        <source>It rises for %1 of the run to %2 and is %3 at the last step.</source>
        <translation>它在运行的前 %1 升到 %2，在最后一步为 %3。</translation>
    </message>
    <message>
        <source>step %1 of %2</source>
        <translation>第 %1 步，共 %2 步</translation>
    </message>
    <message>
        <source>after %1 of the run</source>
        <translation>运行至 %1 时</translation>
    </message>
    <message>
        <source>start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>步</translation>
    </message>
    <message>
        <source>steps are counted once the data is read</source>
        <translation>读取数据后才能算出步数</translation>
    </message>
    <message>
        <source>end</source>
        <translation>结束</translation>
    </message>
    <message>
        <source>learning rate %1</source>
        <translation>学习率 %1</translation>
    </message>
    <message>
        <source>learning-rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>thousandth of the run</source>
        <translation>运行的千分之</translation>
    </message>
    <message>
        <source>learning rate</source>
        <translation>学习率</translation>
    </message>
</context>
<context>
    <name>vernier::ui::SequenceModel</name>
    <message>
        <source>Every token of this sequence is masked: nothing is learned from it.</source>
        <translation>此序列的词元全部被掩码：从中学不到任何东西。</translation>
    </message>
    <message>
        <source>Mean loss over %1 targets of row %2; exp(loss) = %3 is its perplexity. Select it to read its tokens.</source>
        <translation>第 %2 行 %1 个目标词元的平均损失；exp(损失) = %3 即其困惑度。选择它可读取其词元。</translation>
    </message>
    <message>
        <source>no target</source>
        <translation>无目标</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>Sequence</source>
        <translation>序列</translation>
    </message>
    <message>
        <source>Row</source>
        <translation>行</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>词元数</translation>
    </message>
    <message>
        <source>Targets</source>
        <translation>目标数</translation>
    </message>
    <message>
        <source>Mean loss over the sequence&apos;s targets, nats. Click to sort.</source>
        <translation>该序列目标词元的平均损失，单位为 nat。点击可排序。</translation>
    </message>
    <message>
        <source>The optimizer step it was part of.</source>
        <translation>它所属的优化器步。</translation>
    </message>
    <message>
        <source>Its place among the step&apos;s sequences, from 0.</source>
        <translation>它在该步各序列中的序号，从 0 开始。</translation>
    </message>
    <message>
        <source>Its row in the data set, from 0.</source>
        <translation>它在数据集中的行号，从 0 开始。</translation>
    </message>
    <message>
        <source>All its tokens, masked ones too.</source>
        <translation>它的全部词元，包括已掩码的。</translation>
    </message>
    <message>
        <source>Tokens the loss counts: those whose label is not -100.</source>
        <translation>计入损失的词元：标签不是 -100 的那些。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::SequenceTable</name>
    <message>
        <source>Sequences, worst first</source>
        <translation>序列，最差的在前</translation>
    </message>
    <message>
        <source>The sequences of this step. The worst are where to look: wrong labels, rare words, cut-off rows.</source>
        <translation>这一步的序列。最差的最值得看：标签有误、生僻词、被截断的行。</translation>
    </message>
    <message>
        <source>Sequence %1 of step %2, loss %3</source>
        <translation>第 %2 步的序列 %1，损失 %3</translation>
    </message>
</context>
<context>
    <name>vernier::ui::SequencesPanel</name>
    <message>
        <source>Pin this row</source>
        <translation>固定此行</translation>
    </message>
    <message>
        <source>Follows the selected sequence&apos;s row through the run: its loss whenever it comes up, and its tokens then and now. In the table: P.</source>
        <translation>在整个运行中跟踪所选序列的数据行：每次出现时的损失，以及它的词元当时和现在的样子。在表格中按 P。</translation>
    </message>
    <message>
        <source>Sequences of the selected step</source>
        <translation>所选步的序列</translation>
    </message>
    <message>
        <source>Worst first: sequences with a high loss are where the model learns most, or where the data is wrong. Selecting one shows its tokens.</source>
        <translation>最差的在前：损失高的序列，要么是模型学得最多的地方，要么是数据有误的地方。选择一个可查看其词元。</translation>
    </message>
    <message>
        <source>Tokens of the selected sequence</source>
        <translation>所选序列的词元</translation>
    </message>
    <message>
        <source>Each token coloured by what it cost the model. Hatched ones have no label: nothing is learned from them.</source>
        <translation>每个词元按其损失着色。画斜线的没有标签：模型不从中学习。</translation>
    </message>
    <message>
        <source>The tokens of the selected sequence stand here, coloured by their loss.</source>
        <translation>所选序列的词元显示在这里，按损失着色。</translation>
    </message>
    <message>
        <source>The tokens of this sequence were not recorded.</source>
        <translation>没有记录这个序列的词元。</translation>
    </message>
    <message>
        <source>Click a point of the curve to see the sequences of that step.</source>
        <translation>点击曲线上的一点，查看该步的序列。</translation>
    </message>
    <message>
        <source>Step %1: one sequence.</source>
        <translation>第 %1 步：一个序列。</translation>
    </message>
    <message>
        <source>Step %1: %2 sequences, worst first.</source>
        <translation>第 %1 步：%2 个序列，最差的在前。</translation>
    </message>
    <message>
        <source>Loss %1 per token, %2 per sequence.</source>
        <translation>每词元损失 %1，每序列损失 %2。</translation>
    </message>
    <message>
        <source>%1.</source>
        <comment>a sentence of its own</comment>
        <translation>%1。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::SetupPage</name>
    <message>
        <source>Steps of the set-up</source>
        <translation>配置步骤</translation>
    </message>
    <message>
        <source>Take them in any order. The shape says how each stands: a ring is to do, a tick is good, a triangle is worth a look, an octagon has to be mended.</source>
        <translation>可按任意顺序进行。形状表示各步的状况：圆环是待办，对勾是良好，三角形是值得留意，八边形是必须修正。</translation>
    </message>
    <message>
        <source>Set up a run</source>
        <translation>配置运行</translation>
    </message>
    <message>
        <source>Start anyway</source>
        <translation>仍要开始</translation>
    </message>
    <message>
        <source>Starts in spite of what is said beside it. The run may fail, or learn what it should not.</source>
        <translation>不顾旁边的提示直接开始。运行可能失败，或学到不该学的东西。</translation>
    </message>
    <message>
        <source>Start training</source>
        <translation>开始训练</translation>
    </message>
    <message>
        <source>Starts training with these settings, and goes to the Run page.</source>
        <translation>以这些设置开始训练，并转到运行页面。</translation>
    </message>
    <message>
        <source>set up a new run</source>
        <translation>配置新运行</translation>
    </message>
    <message>
        <source>Open a run file</source>
        <translation>打开运行配置文件</translation>
    </message>
    <message>
        <source>Run files (*.json)</source>
        <translation>运行配置文件 (*.json)</translation>
    </message>
    <message>
        <source>Save the run file</source>
        <translation>保存运行配置文件</translation>
    </message>
    <message>
        <source>Copied. In a terminal it starts this run: %1</source>
        <translation>已复制。在终端中执行它即可开始这次运行：%1</translation>
    </message>
    <message>
        <source>go on from the adapter %1</source>
        <translation>从适配器 %1 接着训练</translation>
    </message>
    <message>
        <source>choose the model %1</source>
        <translation>选择模型 %1</translation>
    </message>
    <message>
        <source>choose the data %1</source>
        <translation>选择数据 %1</translation>
    </message>
    <message>
        <source>open %1</source>
        <translation>打开 %1</translation>
    </message>
    <message>
        <source>Saved as %1.</source>
        <translation>已另存为 %1。</translation>
    </message>
    <message>
        <source>Saved, but it is not complete yet, and a run would be refused: %1</source>
        <translation>已保存，但它还不完整，无法据此开始运行：%1</translation>
    </message>
    <message>
        <source>Choose a model first.</source>
        <translation>请先选择模型。</translation>
    </message>
    <message>
        <source>Choose a data file first.</source>
        <translation>请先选择数据文件。</translation>
    </message>
    <message>
        <source>The model&apos;s files are being read…</source>
        <translation>正在读取模型的文件…</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Worth a look before: %1</source>
        <translation>开始前值得留意：%1</translation>
    </message>
    <message>
        <source>Ready to start; the step “%1” is still open.</source>
        <translation>可以开始；“%1”这一步还没有做。</translation>
    </message>
    <message>
        <source>Ready to start.</source>
        <translation>可以开始。</translation>
    </message>
    <message>
        <source>Starts by itself when the run that goes on has ended, with the settings as they were then.</source>
        <translation>当前运行结束后自动开始，使用排队时的设置。</translation>
    </message>
    <message>
        <source>A run is going on. This one can wait for its end, or you stop that one first.</source>
        <translation>有一次运行正在进行。这次可以等它结束，也可以先停止它。</translation>
    </message>
    <message>
        <source>Do not wait</source>
        <translation>不等了</translation>
    </message>
    <message>
        <source>Start when the run ends</source>
        <translation>当前运行结束后开始</translation>
    </message>
</context>
<context>
    <name>vernier::ui::ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Plots and maps: move the selection</source>
        <translation>曲线图和热力图：移动所选项</translation>
    </message>
    <message>
        <source>arrow keys, Home, End</source>
        <translation>方向键、Home、End</translation>
    </message>
    <message>
        <source>Plots and maps: zoom, whole range</source>
        <translation>曲线图和热力图：缩放、显示全范围</translation>
    </message>
    <message>
        <source>+, −, 0</source>
        <translation>+、−、0</translation>
    </message>
    <message>
        <source>Loss plot: logarithmic, smoothed</source>
        <translation>损失图：对数、平滑</translation>
    </message>
    <message>
        <source>L, S</source>
        <translation>L、S</translation>
    </message>
    <message>
        <source>What each key does.</source>
        <translation>每个按键的作用。</translation>
    </message>
    <message>
        <source>Does</source>
        <translation>作用</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Closes this list (Escape).</source>
        <translation>关闭此列表（Esc）。</translation>
    </message>
    <message>
        <source>Loss plot: by a tenth of what is seen</source>
        <translation>损失图：移动所见范围的十分之一</translation>
    </message>
    <message>
        <source>Ctrl + arrow keys</source>
        <translation>Ctrl + 方向键</translation>
    </message>
    <message>
        <source>Plots and maps: picture, table and CSV</source>
        <translation>图与热力图：图片、表格和 CSV</translation>
    </message>
    <message>
        <source>Menu key, Shift+F10</source>
        <translation>菜单键、Shift+F10</translation>
    </message>
    <message>
        <source>Maps of tokens: a page on, everything in sight</source>
        <translation>词元热力图：翻一页、全部可见</translation>
    </message>
    <message>
        <source>Page up, Page down, F</source>
        <translation>上一页键、下一页键、F</translation>
    </message>
    <message>
        <source>Captured logits: the step before, the next</source>
        <translation>捕获的 logit：上一步、下一步</translation>
    </message>
    <message>
        <source>comma, full stop</source>
        <translation>逗号、句号</translation>
    </message>
    <message>
        <source>Sequences of a step: pin the row</source>
        <translation>一步的序列：固定该行</translation>
    </message>
    <message>
        <source>P</source>
        <translation>P</translation>
    </message>
    <message>
        <source>Lengths of rows: max_length by 1, by 16</source>
        <translation>行的长度：max_length 增减 1、16</translation>
    </message>
    <message>
        <source>arrow keys, Shift + arrow keys</source>
        <translation>方向键、Shift + 方向键</translation>
    </message>
    <message>
        <source>Lengths of rows: max_length to the double, to the half</source>
        <translation>行的长度：max_length 加倍、减半</translation>
    </message>
    <message>
        <source>Page up, Page down</source>
        <translation>上一页键、下一页键</translation>
    </message>
    <message>
        <source>Numbers of the set-up: the next usual value</source>
        <translation>设置中的数字：下一个常用值</translation>
    </message>
    <message>
        <source>arrow keys</source>
        <translation>方向键</translation>
    </message>
    <message>
        <source>Questions of several lines: ask</source>
        <translation>多行问题：提问</translation>
    </message>
    <message>
        <source>Ctrl+Return</source>
        <translation>Ctrl+Return</translation>
    </message>
</context>
<context>
    <name>vernier::ui::SignalsPanel</name>
    <message>
        <source>The logits where a label is predicted, from the same pass as the loss. Extremes that run away come before a loss that does; one answer that is far more frequent than any target means that the model has collapsed.</source>
        <translation>预测标签处的 logits，与损失来自同一次前向。极值失控会先于损失失控出现；如果某一个回答词元的频率远高于任何目标词元，说明模型已经崩塌。</translation>
    </message>
    <message>
        <source>Order of the rows</source>
        <translation>行的顺序</translation>
    </message>
    <message>
        <source>By layer shows where in the depth gradients vanish or explode; by projection shows which kind of matrix does the learning.</source>
        <translation>按层可看出梯度在哪个深度消失或爆炸；按投影可看出哪类矩阵在学习。</translation>
    </message>
    <message>
        <source>By layer</source>
        <translation>按层</translation>
    </message>
    <message>
        <source>By projection</source>
        <translation>按投影</translation>
    </message>
    <message>
        <source>Ro&amp;ws</source>
        <translation>行(&amp;W)</translation>
    </message>
    <message>
        <source>The norm of each projection&apos;s gradient at every step. Rows that turn dark no longer learn, rows that turn bright before the loss rises are where it breaks; a cross marks NaN or infinity.</source>
        <translation>每个投影的梯度在每一步的范数。变暗的行不再学习；损失上升之前先变亮的行就是出问题的地方；叉号表示 NaN 或无穷大。</translation>
    </message>
    <message>
        <source>This run was recorded by a version of Vernier that kept no gradient norms. Runs from now on do.</source>
        <translation>这次运行由不保存梯度范数的 Vernier 版本记录。今后的运行会保存。</translation>
    </message>
    <message>
        <source>The gradient norm of every projection stands here, step by step.</source>
        <translation>每个投影的梯度范数在这里逐步显示。</translation>
    </message>
    <message>
        <source>This run was recorded by a version of Vernier that kept no logit statistics. Runs from now on do.</source>
        <translation>这次运行由不保存 logit 统计的 Vernier 版本记录。今后的运行会保存。</translation>
    </message>
    <message>
        <source>Mean, spread and extremes of the logits stand here, step by step.</source>
        <translation>logits 的均值、离散程度和极值在这里逐步显示。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::StartPage</name>
    <message>
        <source>See what fine-tuning does, token by token</source>
        <translation>逐词元看清微调做了什么</translation>
    </message>
    <message>
        <source>Vernier trains language models on this machine and keeps every step, every sequence and every token&apos;s loss, so that each point of a curve can be opened.</source>
        <translation>Vernier 在这台机器上训练语言模型，并保留每一步、每个序列和每个词元的损失，曲线上的每个点都可以展开查看。</translation>
    </message>
    <message>
        <source>or drop a run folder anywhere on this window</source>
        <translation>或将运行文件夹拖到此窗口的任意位置</translation>
    </message>
    <message>
        <source>Recent runs</source>
        <translation>最近的运行</translation>
    </message>
    <message>
        <source>No run yet</source>
        <translation>还没有运行</translation>
    </message>
    <message>
        <source>Runs appear here with their state and last loss as soon as there is one. The demo makes the first: it teaches a small bundled model the voice of an old sea captain.</source>
        <translation>有了运行之后，它们会连同状态和最后损失显示在这里。演示会创建第一个：教一个内置的小模型用老船长的口吻说话。</translation>
    </message>
    <message>
        <source>Try the demo</source>
        <translation>试用演示</translation>
    </message>
    <message>
        <source>Enter or a double click opens a run. A click on a column&apos;s head sorts by it.</source>
        <translation>按 Enter 或双击可打开运行。点击列标题可按该列排序。</translation>
    </message>
    <message>
        <source>Set up a run</source>
        <translation>配置运行</translation>
    </message>
</context>
<context>
    <name>vernier::ui::StateDeviations</name>
    <message>
        <source>Where in the model the difference begins</source>
        <translation>差异从模型的哪里开始</translation>
    </message>
    <message>
        <source>How far the worst token&apos;s hidden state is from the reference&apos;s after each layer. The first state above the dashed line is where the difference begins; what is left of it computes the same.</source>
        <translation>每一层之后，偏差最大的词元的隐藏状态与参考相差多少。第一个高于虚线的状态就是差异开始之处；它左边的部分计算结果相同。</translation>
    </message>
    <message>
        <source>the embeddings</source>
        <translation>嵌入</translation>
    </message>
    <message>
        <source>after the final norm</source>
        <translation>最终归一化之后</translation>
    </message>
    <message>
        <source>what layer %1 leaves</source>
        <translation>第 %1 层的输出</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Deviation of the hidden states, worst token</source>
        <translation>隐藏状态的偏差，最差词元</translation>
    </message>
    <message>
        <source>rounding stays below</source>
        <translation>舍入误差不超过此线</translation>
    </message>
    <message>
        <source>final norm</source>
        <translation>最终归一化</translation>
    </message>
    <message>
        <source>embeddings</source>
        <translation>嵌入</translation>
    </message>
    <message>
        <source>layers</source>
        <translation>层</translation>
    </message>
</context>
<context>
    <name>vernier::ui::StatusStrip</name>
    <message>
        <source>Devices and memory</source>
        <translation>设备和内存</translation>
    </message>
    <message>
        <source>Where the run computes, and the memory that is free. Opens the list of what this machine has.</source>
        <translation>运行在哪里计算，以及可用的内存。打开本机设备列表。</translation>
    </message>
    <message>
        <source>Training speed</source>
        <translation>训练速度</translation>
    </message>
    <message>
        <source>Tokens that went through forward and backward in a second, padding not counted. Opens the run.</source>
        <translation>每秒完成前向和反向的词元数，不计填充。打开该运行。</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Optimizer steps done, and the time that the rest will take at the present speed. Opens the run.</source>
        <translation>已完成的优化器步数，以及按当前速度完成其余各步所需的时间。打开该运行。</translation>
    </message>
    <message>
        <source>Share of the run&apos;s optimizer steps that are done.</source>
        <translation>运行的优化器步已完成的比例。</translation>
    </message>
    <message>
        <source>Looking for devices…</source>
        <translation>正在查找设备…</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>%1: %2 of %3 of memory free</source>
        <translation>%1：可用内存 %2，共 %3</translation>
    </message>
    <message>
        <source>No device can be used</source>
        <translation>没有可用的设备</translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation>%1 词元/秒</translation>
    </message>
    <message>
        <source>step %1 of %2</source>
        <translation>第 %1 步，共 %2 步</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>第 %1 步</translation>
    </message>
    <message>
        <source> · %1 left</source>
        <translation> · 剩余 %1</translation>
    </message>
    <message>
        <source>No parity check yet: it compares training, evaluation and decoding with a plain reference.</source>
        <translation>还没有做过一致性检查：它将训练、评估和解码与一个朴素的参考实现比较。</translation>
    </message>
    <message>
        <source>Parity: %1</source>
        <translation>一致性：%1</translation>
    </message>
    <message>
        <source>not checked yet</source>
        <translation>尚未检查</translation>
    </message>
    <message>
        <source>The check of the set-up, before the start: %1</source>
        <translation>开始前对设置的检查：%1</translation>
    </message>
</context>
<context>
    <name>vernier::ui::StepPlot</name>
    <message>
        <source>&amp;Reset zoom</source>
        <translation>重置缩放(&amp;R)</translation>
    </message>
</context>
<context>
    <name>vernier::ui::StepsModel</name>
    <message>
        <source>To do</source>
        <translation>待办</translation>
    </message>
    <message>
        <source>Good</source>
        <translation>良好</translation>
    </message>
    <message>
        <source>Worth a look</source>
        <translation>值得留意</translation>
    </message>
    <message>
        <source>To be mended</source>
        <translation>必须修正</translation>
    </message>
    <message>
        <source>%1. %2. %3</source>
        <translation>%1。%2。%3</translation>
    </message>
</context>
<context>
    <name>vernier::ui::SwitchField</name>
    <message>
        <source>On</source>
        <translation>启用</translation>
    </message>
</context>
<context>
    <name>vernier::ui::TemplateChoice</name>
    <message>
        <source>Chat &amp;template</source>
        <translation>对话模板(&amp;T)</translation>
    </message>
    <message>
        <source>Chat template</source>
        <translation>对话模板</translation>
    </message>
    <message>
        <source>Writes turns as the model expects them, special tokens and all (chat_template). A model that was tuned with one needs the same one again.</source>
        <translation>按模型期望的格式写出各轮对话，包括特殊词元（chat_template）。用某个模板微调过的模型，需要继续使用同一个模板。</translation>
    </message>
    <message>
        <source>Jinja file…</source>
        <translation>Jinja 文件…</translation>
    </message>
    <message>
        <source>Take a Jinja file as chat template</source>
        <translation>用 Jinja 文件作为对话模板</translation>
    </message>
    <message>
        <source>A file with a template in the language that Transformers uses.</source>
        <translation>用 Transformers 所用语言编写的模板文件。</translation>
    </message>
    <message>
        <source>change the chat template</source>
        <translation>更改对话模板</translation>
    </message>
    <message>
        <source>Jinja templates (*.jinja *.j2 *.txt);;All files (*)</source>
        <translation>Jinja 模板 (*.jinja *.j2 *.txt);;所有文件 (*)</translation>
    </message>
    <message>
        <source>none: laid out in Alpaca&apos;s way</source>
        <translation>无：按 Alpaca 格式排布</translation>
    </message>
    <message>
        <source>the model&apos;s own</source>
        <translation>模型自带</translation>
    </message>
    <message>
        <source>The model has a template of its own, which is not used now. Another one teaches it a new way to mark turns.</source>
        <translation>模型自带模板，但现在没有使用。换用别的模板会教它一种新的轮次标记方式。</translation>
    </message>
    <message>
        <source>The model has no chat template. Choose the one it was made for, or ChatML where it is a base model whose tokenizer knows its marks.</source>
        <translation>模型没有对话模板。请选择与它配套的模板；如果是基座模型且其分词器认识 ChatML 的标记，请选 ChatML。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::TokenFlow</name>
    <message>
        <source>%1 tokens, none selected</source>
        <translation>%1 个词元，未选择</translation>
    </message>
</context>
<context>
    <name>vernier::ui::TokenListEdit</name>
    <message>
        <source>Tokens of the vocabulary</source>
        <translation>词表中的词元</translation>
    </message>
    <message>
        <source>Tokens that hold what you typed. Return takes the chosen one.</source>
        <translation>包含所输入内容的词元。按回车键采用所选的词元。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::TokenMap</name>
    <message>
        <source>There is no position to show.</source>
        <translation>没有可显示的位置。</translation>
    </message>
    <message>
        <source>%1 positions, none selected</source>
        <translation>%1 个位置，未选择</translation>
    </message>
    <message>
        <source>&amp;Reset zoom</source>
        <translation>重置缩放(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Fit everything</source>
        <translation>适应全部内容(&amp;F)</translation>
    </message>
</context>
<context>
    <name>vernier::ui::TokenRibbon</name>
    <message>
        <source>rank 1, the model&apos;s first choice</source>
        <translation>名次 1，模型的首选</translation>
    </message>
    <message>
        <source>rank %1: 1 token scored higher</source>
        <translation>名次 %1：有 1 个词元得分更高</translation>
    </message>
    <message>
        <source>rank %1: %2 tokens scored higher</source>
        <translation>名次 %1：有 %2 个词元得分更高</translation>
    </message>
    <message>
        <source>Colour by</source>
        <translation>着色依据</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Entropy</source>
        <translation>熵</translation>
    </message>
    <message>
        <source>Loss: how much this token surprised the model, −ln p. Entropy: how unsure the model was before it saw the token. High loss at low entropy: it was sure, and wrong.</source>
        <translation>损失：这个词元让模型多意外，−ln p。熵：模型看到它之前有多不确定。低熵而高损失：模型很有把握，却错了。</translation>
    </message>
    <message>
        <source> nats</source>
        <translation> nat</translation>
    </message>
    <message>
        <source>masked, no loss</source>
        <translation>已掩码，无损失</translation>
    </message>
    <message>
        <source>masked</source>
        <translation>已掩码</translation>
    </message>
    <message>
        <source>Tokens coloured by loss</source>
        <translation>词元，按损失着色</translation>
    </message>
    <message>
        <source>Every token of the sequence as the model sees it, coloured by what it cost. Hatched tokens are masked.</source>
        <translation>模型所见的序列中每个词元，按其损失着色。画斜线的词元已掩码。</translation>
    </message>
    <message>
        <source>Choose a sequence to read it token by token.</source>
        <translation>选择一个序列，逐词元查看。</translation>
    </message>
    <message>
        <source>The tokens of this sequence were not recorded.</source>
        <translation>没有记录这个序列的词元。</translation>
    </message>
    <message>
        <source>Tokens coloured by entropy</source>
        <translation>词元，按熵着色</translation>
    </message>
    <message>
        <source>position %1</source>
        <translation>位置 %1</translation>
    </message>
    <message>
        <source>masked: its label is -100, no loss is counted</source>
        <translation>已掩码：标签为 -100，不计损失</translation>
    </message>
    <message>
        <source>loss %1 nats, probability %2</source>
        <translation>损失 %1&#xa0;nat，概率 %2</translation>
    </message>
    <message>
        <source>entropy %1 nats</source>
        <translation>熵 %1&#xa0;nat</translation>
    </message>
    <message>
        <source>the model would have said %1</source>
        <translation>模型原本会给出 %1</translation>
    </message>
</context>
<context>
    <name>vernier::ui::TrainingStep</name>
    <message>
        <source>How much</source>
        <translation>训练量</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>Adapter</source>
        <translation>适配器</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>数据行</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Watching and keeping</source>
        <translation>监控与保存</translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation>高级</translation>
    </message>
    <message>
        <source>The optimizer and the arithmetic.</source>
        <translation>优化器与数值运算。</translation>
    </message>
    <message>
        <source>Begin with</source>
        <translation>起始预设</translation>
    </message>
    <message>
        <source>Settings that belong together; each can be changed below.</source>
        <translation>彼此配套的设置；下面每一项都可以更改。</translation>
    </message>
    <message>
        <source>by day and time</source>
        <translation>按日期和时间</translation>
    </message>
    <message>
        <source>Name of the run</source>
        <translation>运行名称</translation>
    </message>
    <message>
        <source>&amp;Name of the run</source>
        <translation>运行名称(&amp;N)</translation>
    </message>
    <message>
        <source>The folder it goes to, below the runs that are there.</source>
        <translation>保存到的文件夹，与已有的运行并列。</translation>
    </message>
    <message>
        <source>take the preset %1</source>
        <translation>采用预设“%1”</translation>
    </message>
    <message>
        <source>Your own settings: they differ from each of these.</source>
        <translation>你自己的设置：与以上各预设都不同。</translation>
    </message>
    <message>
        <source>Each step learns from %1 rows (%2 at once, %3 times), %4 tokens at most.</source>
        <translation>每步从 %1 行中学习（一次 %2 行，共 %3 次），最多 %4 个词元。</translation>
    </message>
    <message>
        <source>There is a run of that name already. Take another; a run never writes over one.</source>
        <translation>已有同名的运行。请换一个名称；运行从不覆盖已有的运行。</translation>
    </message>
    <message>
        <source>%1 steps</source>
        <translation>%1 步</translation>
    </message>
    <message>
        <source>%1 epochs</source>
        <translation>%1 轮</translation>
    </message>
    <message>
        <source>%1 at %2</source>
        <translation>%1，学习率 %2</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Each step learns from %1 rows at once, %2 tokens at most.</source>
        <translation>每步一次从 %1 行中学习，最多 %2 个词元。</translation>
    </message>
    <message>
        <source>The folder of this run, below %1 or, with a whole path, anywhere; what is left empty is named by day and time.</source>
        <translation>本次运行的文件夹，位于 %1 之下；写完整路径则可在任何位置；留空则以日期和时间命名。</translation>
    </message>
    <message>
        <source>Elsewhere…</source>
        <translation>放到别处…</translation>
    </message>
    <message>
        <source>Put the run elsewhere</source>
        <translation>把运行放到别处</translation>
    </message>
    <message>
        <source>Chooses the folder that the run&apos;s own goes into, such as one on a disk with more room.</source>
        <translation>选择存放本次运行文件夹的位置，例如空间更大的磁盘。</translation>
    </message>
    <message>
        <source>Put the run into</source>
        <translation>把运行放入</translation>
    </message>
    <message>
        <source>Got %1, expected one folder&apos;s name, or a whole path that begins with a slash.</source>
        <translation>得到 %1，应为一个文件夹名，或以斜杠开头的完整路径。</translation>
    </message>
    <message>
        <source>Nothing can be written in %1. Choose another folder.</source>
        <translation>无法写入 %1。请选择其他文件夹。</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>%1 is there already. Take another name: a run gets a new folder of its own.</source>
        <translation>%1 已经存在。请换一个名称：每次运行都使用自己的新文件夹。</translation>
    </message>
    <message>
        <source>The name is longer than a folder&apos;s may be. Take a shorter one.</source>
        <translation>名称超过了文件夹名允许的长度。请换一个更短的名称。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::Vocabulary</name>
    <message>
        <source>Reading the vocabulary…</source>
        <translation>正在读取词表…</translation>
    </message>
</context>
<context>
    <name>vernier::ui::WorkLine</name>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>How far the work in the background is. The window goes on meanwhile.</source>
        <translation>后台工作的进度。期间窗口可照常使用。</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop this work</source>
        <translation>停止这项工作</translation>
    </message>
    <message>
        <source>Ends this work now. What was shown before stays, and it can be asked for again.</source>
        <translation>立即结束这项工作。之前显示的内容会保留，以后可以再次请求。</translation>
    </message>
</context>
<context>
    <name>vernier::ui::Workbench</name>
    <message>
        <source>A run is going on: stop it before opening another.</source>
        <translation>有一次运行正在进行：请先停止它，再打开另一个。</translation>
    </message>
    <message>
        <source>A run is going on: stop it before opening the demo.</source>
        <translation>有一次运行正在进行：请先停止它，再打开演示。</translation>
    </message>
    <message>
        <source>Finished after step %1. The adapter is in %2.</source>
        <translation>已在第 %1 步之后完成。适配器在 %2。</translation>
    </message>
    <message>
        <source>%1 Resume goes on from there.</source>
        <translation>%1 点“继续训练”可从那里接着训练。</translation>
    </message>
    <message>
        <source>Finished after step %1. The model is in %2.</source>
        <translation>在第 %1 步后完成。模型在 %2 中。</translation>
    </message>
</context>
<context>
    <name>FixPlace</name>
    <message>
        <source>Choose another model…</source>
        <translation>选择其他模型…</translation>
    </message>
    <message>
        <source>Goes to the Model step, where the model&apos;s folder is chosen.</source>
        <translation>前往“模型”步骤，在那里选择模型文件夹。</translation>
    </message>
    <message>
        <source>Choose a template…</source>
        <translation>选择模板…</translation>
    </message>
    <message>
        <source>Goes to the Data step, where the chat template is chosen.</source>
        <translation>前往“数据”步骤，在那里选择对话模板。</translation>
    </message>
    <message>
        <source>Show the setting</source>
        <translation>显示该设置</translation>
    </message>
    <message>
        <source>Goes to the setting that this is about.</source>
        <translation>前往相关的设置。</translation>
    </message>
    <message>
        <source>Goes to the Labels step, where each row is read as the tokenizer cuts it.</source>
        <translation>前往“标签”步骤，在那里按分词器的切分查看各行。</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>重新检查</translation>
    </message>
    <message>
        <source>Makes every check anew, once the cause is gone.</source>
        <translation>原因消除后，重新进行所有检查。</translation>
    </message>
    <message>
        <source>Choose another file…</source>
        <translation>选择其他文件…</translation>
    </message>
    <message>
        <source>Goes to the Data step, where the file is chosen.</source>
        <translation>前往“数据”步骤，在那里选择文件。</translation>
    </message>
    <message>
        <source>Show these rows</source>
        <translation>显示这些行</translation>
    </message>
    <message>
        <source>Show the rows</source>
        <translation>显示各行</translation>
    </message>
    <message>
        <source>Choose another folder…</source>
        <translation>选择其他文件夹…</translation>
    </message>
    <message>
        <source>Goes to the name of the run, where its folder can be put on another disk.</source>
        <translation>前往运行的名称，在那里可把其文件夹放到其他磁盘。</translation>
    </message>
</context>
</TS>
